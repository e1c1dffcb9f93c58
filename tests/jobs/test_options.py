"""One table of options: every job has what the table says, and every error names an option as its door writes it."""

import inspect
import re
from dataclasses import fields
from functools import partial

import numpy as np
import pytest

import thalweg as tw
from thalweg.base.weighing import WEIGHTS_KINDS
from thalweg.cli.main import build_parser, main
from thalweg.effects.dedl import SETTINGS
from thalweg.effects.training import Training
from thalweg.jobs.networks import GRID
from thalweg.jobs.options import JOBS, OPTIONS, options_of
from thalweg.select.settings import Settings

CALLS = {
    "fit": tw.fit,
    "linear": tw.fit_linear,
    "effects": tw.fit_effects,
    "observed": tw.fit_observed,
    "study": partial(tw.run_study, "guide"),
}
RECORDS = {
    "fit": [*(f.name for f in fields(Settings)), *GRID],
    "linear": [],
    "effects": list(SETTINGS),
    "observed": [],
    "study": [],
}
VERBS = {"effects": ["effects", "fit"], "observed": ["effects", "observe"], "study": ["study", "guide"]}
PYTHON_ALONE = {
    "y",
    "source",
    "watch",
    "command",
    "executor",
    "networks",
    "settings",
    "others",
}  # what a command line says otherwise
ROWS = 48
DRAW = np.random.default_rng(0)
TABLE = {
    "y": DRAW.normal(size=ROWS) + np.arange(ROWS) % 2,
    "a": np.arange(ROWS) % 2,
    "b": np.arange(ROWS) // 2 % 2,
    "x": DRAW.normal(size=ROWS),
    "z": DRAW.normal(size=ROWS),
    "firm": np.arange(ROWS) // 2,
    "w": np.ones(ROWS),
}
QUICK = {
    "fit": {"target": "y", "folds": 2, "seeds": 1, "epochs": 1, "hidden": "4", "trees": 1, "workers": 1},
    "linear": {"target": "y"},
    "effects": {
        "target": "y",
        "treatments": ["a", "b"],
        "link": "linear",
        "epochs": 1,
        "folds": 2,
        "repeats": 1,
        "hidden": (4,),
        "workers": 1,
    },
    "observed": {"target": "y", "treatments": "a", "epochs": 1, "folds": 2, "repeats": 1, "workers": 1},
    "study": {
        "target": "y",
        "epochs": 1,
        "seeds": 2,
        "hidden": (3,),
        "permutations": 1,
        "resamples": 2,
        "workers": 1,
    },
}
WRONG = {
    "query": "selct 1",
    "target": "qq",
    "formula": "y ~ qq",
    "treatments": ["qq", "b"],
    "features": ["qq"],
    "ignore": ["qq"],
    "weights": "qq",
    "weights_kind": "guess",
    "class_weight": "guess",
    "groups": "qq",
    "clusters": "qq",
    "time": "qq",
    "gap": -1,
    "margins": "median",
    "at": ["qq"],
    "test": ["qq = 0"],
    "task": "guess",
    "combinations": ["1012"],
    "baseline": "1012",
    "assignment": "guess",
    "model": "probit",
    "covariance": "HC9",
    "path": "bridge",
    "search": "sideways",
    "axes": ["qq", "x"],
    "link": "probit",
    "low": 5.0,
    "height": 5.0,
    "scale": "both",
    "loss": "hinge",
    "folds": 1,
    "repeats": 0,
    "seeds": 0,
    "trees": -1,
    "metric": "guess",
    "ramps": -1,
    "seed": -1,
    "level": 1.5,
    "keep": 0,
    "permutations": 0,
    "resamples": 0,
    "adjust": "sidak",
    "hidden": "64-x",
    "activation": "cubic",
    "learning_rate": -1.0,
    "dropout": 1.5,
    "ridge": -1.0,
    "optimizer": "magic",
    "epochs": 0,
    "patience": 0,
    "validation": 0.9,
    "batch": 0,
    "time_limit": "ten",
    "workers": 0,
    "cluster": "qq",
    "out": __file__,
}
SWITCHES = {option.name for option in OPTIONS.values() if option.kind == "switch"}
QUOTES_THE_VALUE = {"query", "formula", "out"}  # errors repeat what was written, which says enough
PAIRS = [(job, option.name) for job in JOBS for option in options_of(job) if option.name not in SWITCHES]


def python_error(job, name, value):
    call = QUICK[job] | {name: value}
    if name == "formula":
        call.pop("target")
    if name == "hidden":
        call["hidden"] = value
    with pytest.raises(tw.ThalwegError) as caught:
        CALLS[job](TABLE, **call)
    return str(caught.value)


def words_of(name, value):
    values = value if isinstance(value, list) else [value]
    if OPTIONS[name].kind == "switch":
        return [OPTIONS[name].flag]
    texts = ["-".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in values]
    return [OPTIONS[name].flag, *texts] if not texts[0].startswith("-") else [f"{OPTIONS[name].flag}={texts[0]}"]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    import pandas as pd

    path = tmp_path_factory.mktemp("table") / "t.csv"
    pd.DataFrame(TABLE).to_csv(path, index=False)
    return str(path)


def command_error(job, name, value, file, capsys):
    call = QUICK[job] | {name: value}
    if name == "formula":
        call.pop("target")
    if name == "hidden":
        call["hidden"] = value
    words = [word for key, given in call.items() for word in words_of(key, [given] if key == "hidden" else given)]
    verb = VERBS.get(job, [job])
    try:
        code = main([*verb, file, *words])
    except SystemExit as left:
        code = left.code
    told = capsys.readouterr()
    assert code == 2, told
    assert told.out == ""
    assert told.err.count("\n") == 1
    return told.err


@pytest.mark.parametrize("job", JOBS)
def test_the_table_has_the_parameters_of_each_job(job):
    signature = {name for name in inspect.signature(CALLS[job]).parameters if name not in PYTHON_ALONE}
    known = (signature | set(RECORDS[job])) - PYTHON_ALONE
    assert {option.name for option in options_of(job)} == known


def test_kinds_of_weights_are_those_that_are_known():
    assert OPTIONS["weights_kind"].choices == WEIGHTS_KINDS  # written again there, since numpy is not loaded for a help


@pytest.mark.parametrize(("job", "name"), PAIRS)
def test_the_default_in_words_is_the_default(job, name):
    option = OPTIONS[name]
    parameter = inspect.signature(CALLS[job]).parameters.get(name)
    if parameter is None:
        record = {f.name: f.default for f in fields(Training if job == "effects" else Settings)}
        if name not in record:
            return  # the grid, whose default is a product
        default = record[name]
    else:
        default = parameter.default
    shown = option.jobs[job]
    if isinstance(default, (int, float)):
        assert float(shown) == default
    elif isinstance(default, str):
        assert shown == default


@pytest.mark.parametrize(("job", "name"), PAIRS)
def test_python_is_told_of_parameters(job, name):
    text = python_error(job, name, WRONG[name])
    assert "\ue000" not in text
    assert "--" not in text
    if name not in QUOTES_THE_VALUE:
        assert re.search(rf"\b{name}\b", text), text
    for other in set(OPTIONS) - {name}:
        if "_" in other:
            assert not re.search(rf"\b{other}\b", text), text


@pytest.mark.parametrize(("job", "name"), PAIRS)
def test_commands_are_told_of_flags(job, name, file, capsys):
    text = command_error(job, name, WRONG[name], file, capsys)
    assert "\ue000" not in text
    if name not in QUOTES_THE_VALUE:
        assert OPTIONS[name].flag in text, text
    for other in set(OPTIONS):
        if "_" in other:
            assert not re.search(rf"\b{other}\b", text), text
    assert not re.search(r"(?<![-\w])[a-z_]+=\S", text.replace(f"{OPTIONS[name].flag}=", "")), text


@pytest.mark.parametrize("job", ["fit", "effects"])
@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_a_job_without_the_role_says_who_has_it(job, name):
    if job in OPTIONS[name].jobs:
        return
    with pytest.raises(tw.SettingError, match=f"{job} takes no {name}, which"):
        CALLS[job](TABLE, **QUICK[job], **{name: WRONG.get(name, True)})


@pytest.mark.parametrize("job", ["fit", "effects"])
def test_a_misspelt_setting_is_no_column(job):
    with pytest.raises(tw.SettingError, match=r"no setting 'zzz'\. The settings are"):
        CALLS[job](TABLE, **QUICK[job], zzz=1)


@pytest.mark.parametrize("job", JOBS)
def test_a_configuration_file_says_the_same_as_flags(job, file, tmp_path, capsys):
    def toml(value):
        if isinstance(value, (list, tuple)):
            return "[" + ", ".join(map(toml, value)) + "]"
        return f'"{value}"' if isinstance(value, str) else str(value)

    (tmp_path / "run.toml").write_text("".join(f"{name} = {toml(value)}\n" for name, value in QUICK[job].items()))
    verb = VERBS.get(job, [job])
    words = [
        word for name, value in QUICK[job].items() for word in words_of(name, [value] if name == "hidden" else value)
    ]
    printed = []
    for given in (["--config", str(tmp_path / "run.toml")], words):
        assert main([*verb, file, *given, "--quiet"]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


@pytest.mark.parametrize(
    "text",
    [
        *("hidden = 'a-b'", "hidden = [[1, 'x']]", "seed = 1e400", "seed = nan", "folds = true", "level = 'high'"),
        *("target = 3", "features = [1]", "treatments = 'firm'", "a = " + "[" * 5000 + "]" * 5000, "fold = 3", "x"),
        *("hidden = 100000000000000000000000", "task = 'guess'", "learning_rate = '0.1'"),
    ],
)
def test_a_bad_configuration_file_is_told_in_one_line(text, file, tmp_path, capsys):
    (tmp_path / "run.toml").write_text(f"{text}\n")
    assert main(["fit", file, "--target", "y", "--config", str(tmp_path / "run.toml")]) == 2
    told = capsys.readouterr().err
    assert told.startswith("thalweg: ")
    assert told.count("\n") == 1
    assert "run.toml" in told


@pytest.mark.parametrize(("words", "job"), [(VERBS.get(job, [job]), job) for job in JOBS])
def test_every_option_is_in_the_help(words, job, capsys):
    with pytest.raises(SystemExit):
        build_parser().parse_args([*words, "--help"])
    told = capsys.readouterr().out
    assert [option.flag for option in options_of(job) if f"{option.flag} " not in told] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("seeds", "linear takes no seeds, which fit, effects and study take"),
        ("hidden", "linear takes no hidden"),
        ("serach", r"There is no setting 'serach'. Did you mean 'search'\?"),
    ],
)
def test_a_linear_model_refuses_what_other_jobs_take(name, words):
    with pytest.raises(tw.SettingError, match=words):
        tw.fit_linear("example:diabetes", **{name: 2})
