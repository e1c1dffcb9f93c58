"""Every door of the command line and of Python, driven with values of any kind: an answer, or words and a code."""

import contextlib
import io
import string
import warnings
from pathlib import Path

from hypothesis import strategies as st

import thalweg as tw
from thalweg.cli.main import main

TABLE = "x,z,k,y,a,b,d\n" + "".join(
    f"{n % 7},{n % 5},{'pqr'[n % 3]},{(3 * n) % 11},{n % 2},{n // 2 % 2},2024-03-{n % 28 + 1:02}\n" for n in range(40)
)
QUICK = ["--folds", "2", "--seeds", "1", "--hidden", "2", "--epochs", "1", "--workers", "1"]
NAMED = ["--treatments", "a", "b"]
TRIED = [*NAMED, "--folds", "2", "--repeats", "1", "--epochs", "1", "--workers", "1"]
STUDIED = ["--seeds", "2", "--hidden", "2", "--epochs", "1", "--workers", "1"]
VERBS = {
    "fit": [["t.csv"], QUICK],
    "linear": [["t.csv"], []],
    "effects fit": [["t.csv"], TRIED],
    "effects check": [["t.csv"], NAMED],
    "effects best": [["t.csv"], TRIED],
    "effects groups": [["t.csv"], [*TRIED, "--by", "k"]],
    "effects compare": [["t.csv"], TRIED],
    "effects design": [["t.csv"], NAMED],
    "effects simulate": [[], ["--out", "s.csv"]],
    "effects observe": [["t.csv"], ["--treatments", "a", *TRIED[3:]]],
    "effects design --units": [[], ["100", "--mean", "0.3"]],
    "study race": [["t.csv"], STUDIED],
    "study guide": [["t.csv"], [*STUDIED, "--permutations", "1", "--resamples", "2"]],
    "plan table": [["t.csv"], QUICK],
    "plan llm": [[], ["--parameters", "7e9", "--tokens", "2e12", "--on", "8xh100-sxm"]],
    "plan conv": [[], ["--on", "8xa100"]],
    "plan flops": [[], ["--operations", "1e20", "--on", "rtx4090"]],
    "hardware": [["h100-sxm"], []],
    "prices": [["h100-sxm"], []],
    "completion": [["bash"], []],
    "examples": [[], []],
    "predict": [["run", "t.csv"], []],
    "report": [["run"], ["--kind", "svg"]],
    "replay": [["run"], ["--member", "0"]],
}
EFFECTS = "target treatments features ignore groups clusters weights weights-kind query level folds seed link config"
STUDIES = "target formula features ignore task query seeds seed activation epochs batch hidden out figures config"
WORK = "on precision rate region out"
FLAGS = {
    "fit": "target formula features ignore weights weights-kind groups clusters time gap task query folds seeds seed "
    "level epochs patience validation batch hidden activation learning-rate dropout ridge optimizer out config",
    "linear": "target formula features ignore weights weights-kind groups clusters query model covariance path search "
    "axes folds seed level out config",
    "effects fit": f"{EFFECTS} combinations baseline assignment adjust scale loss low height out",
    "effects check": EFFECTS.replace(" level", ""),
    "effects best": EFFECTS,
    "effects groups": f"{EFFECTS} by combination table out",
    "effects compare": EFFECTS.replace(" level", "") + " methods truth",
    "effects design": EFFECTS.replace(" level", "") + " next",
    "effects simulate": "rows treatments features shape noise scale-slope misfit cluster-rows cluster-share seed",
    "effects observe": "target treatments features ignore groups clusters weights weights-kind query level folds seed "
    "repeats baseline out config",
    "effects design --units": "target features clusters query level mean deviation shares effect power cluster-rows "
    "cluster-share next link",
    "study race": STUDIES,
    "study guide": STUDIES + " groups keep permutations resamples level",
    "plan table": "target formula features ignore weights groups clusters time folds seeds hidden epochs query config",
    "plan llm": f"parameters tokens recomputed {WORK}",
    "plan conv": f"depth pictures epochs {WORK}",
    "plan flops": f"operations {WORK}",
    "hardware": "json",
    "prices": "json",
    "completion": "json",
    "examples": "json",
    "predict": "query model level",
    "report": "out figures kind width tables bundle",
    "replay": "member stage",
}
LETTERS = string.ascii_letters + string.digits + string.punctuation.replace("/", "") + " \t\n\x00\x1b\u202e−é𝕏"
NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30),
    st.integers(-3, 5),
    st.floats(),
    st.sampled_from([10**12, -1, 0, 1e-320, 1e308, float("inf"), float("nan")]),
)
NAMES = st.sampled_from(
    [
        "x",
        "z",
        "k",
        "y",
        "a",
        "d",
        "",
        "t.csv",
        "example:iris",
        "run",
        "/dev/null",
        ".",
        "no/such",
        "a" * 300,
        "/dev/full",
        "x.html",
        "aux.csv",
        "\udcff",
        "\u202ecba",
        "C:x",
        "--",
        "x.zip",
        "h100-sxm",
        "nature",
    ]
)
PIECES = st.sampled_from(
    ["y", "~", "x", "z", "+", "*", "**", "2", "(", ")", "`", "'", '"', "log(", "C(", "I(", "Q(", "[", "]", "{", "}",
     ".", ":", "|", "-", "1", "0", "np.", "__class__", "open(", "lambda:", ",", "=", "where(", "k", "\\", "#", "∞"]
)  # fmt: skip
FORMULAS = st.lists(PIECES, max_size=14).map(lambda parts: "y ~ " + " ".join(parts)) | st.lists(PIECES).map("".join)
TEXTS = st.text(LETTERS, max_size=12)
VALUES = st.one_of(NUMBERS.map(str), NAMES, TEXTS, FORMULAS)


@st.composite
def commands(draw):
    """Words of a command, some of them wrong."""
    verb = draw(st.sampled_from(sorted(VERBS)))
    places, quick = VERBS[verb]
    words = [*verb.split(), *draw(st.sampled_from([places, places, places, []])), *quick]
    words += ["--target", "y"] if draw(st.booleans()) and "target" in FLAGS[verb] else []
    for flag in draw(st.lists(st.sampled_from(FLAGS[verb].split()), max_size=3)):
        value = FORMULAS if flag == "formula" else VALUES
        words += [f"--{flag}", *draw(st.lists(value, min_size=1, max_size=2))]
    return words + draw(st.lists(VALUES, max_size=1))


SETTINGS = st.dictionaries(
    st.sampled_from(FLAGS["fit"].replace("-", "_").split()[:-2]),
    st.one_of(NUMBERS, st.none(), st.booleans(), NAMES, TEXTS, st.lists(NUMBERS | NAMES, max_size=2), FORMULAS),
    max_size=3,
)
PLAIN = st.recursive(st.none() | st.booleans() | NUMBERS | TEXTS, lambda x: st.lists(x, max_size=3), max_leaves=6)
TOML = st.dictionaries(st.sampled_from(FLAGS["fit"].replace("-", "_").split()), NUMBERS | TEXTS, max_size=3).map(
    lambda found: "\n".join(f"{name} = {value!r}" for name, value in found.items())
) | st.text(LETTERS)


def command(words):
    """Give a command in this process; return its exit code, what it printed, and its complaints."""
    out, complaints = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(complaints), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            code = main(words)
        except SystemExit as left:
            code = left.code
    return code, out.getvalue(), complaints.getvalue()


def fault_of_command(words):
    """Return what is wrong with how a command behaved; None if nothing is."""
    Path("t.csv").write_text(TABLE)  # the one before may have written its report there
    code, out, complaints = command(words)
    if code not in {0, 1, 2, 3}:
        return f"exit code {code!r}"
    if code == 2 and not complaints.strip() and not out.strip():
        return "refused without a word"
    if "Traceback" in complaints or "\x1b" in out + complaints or "\ue000" in out + complaints:
        return f"said {complaints[-200:]!r}"
    return None


def fault_of_call(settings):
    """Return what is wrong with how ``thalweg.fit`` behaved with settings of any kind; None if nothing is."""
    quick = {"target": "y", "folds": 2, "seeds": 1, "hidden": 2, "epochs": 1, "trees": 1, "workers": 1, "watch": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tw.fit("t.csv", **(quick | settings))
        except tw.ThalwegError as error:
            return "a mark is shown" if "\ue000" in str(error) else None
    return None


def prepare(folder: Path):
    """Write a table and a finished run into a folder."""
    (folder / "t.csv").write_text(TABLE)
    tw.fit(folder / "t.csv", target="y", folds=2, seeds=1, hidden=2, epochs=1, trees=1, workers=1, out=folder / "run")
