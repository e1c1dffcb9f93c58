"""Every mistake gets exit code 2 and one message that names the place and the remedy; nothing is half-written."""

import numpy as np
import pandas as pd
import pytest

from thalweg.cli.main import main

SMALL = ["--folds", "3", "--seeds", "1", "--hidden", "4", "--learning-rate", "0.01", "--dropout", "0", "--epochs", "2"]
SMALL += ["--trees", "1"]


def good_rows(count=60):
    rng = np.random.default_rng(0)
    x = rng.normal(size=count)
    return pd.DataFrame({"x": x, "z": rng.normal(size=count), "y": x + rng.normal(size=count)})


def write(tmp_path, frame, **options):
    path = tmp_path / "data.csv"
    frame.to_csv(path, index=False, **options)
    return str(path)


def with_cell(column, row, value):
    frame = good_rows().astype(object)
    frame.loc[row, column] = value
    return frame


def cities(count):
    return good_rows(count).assign(city=[f"city {i % 10_000}" for i in range(count)])


CASES = {
    "missing file": (lambda p: [str(p / "none.csv"), "--target", "y"], ["none.csv"]),
    "empty file": (lambda p: [empty(p), "--target", "y"], ["empty"]),
    "no rows": (lambda p: [write(p, good_rows().iloc[:0]), "--target", "y"], ["row"]),
    "one row": (lambda p: [write(p, good_rows(1)), "--target", "y"], ["single row"]),
    "target absent": (lambda p: [write(p, good_rows()), "--target", "Y1"], ["Y1", "Did you mean 'y'"]),
    "no target": (lambda p: [write(p, good_rows())], ["outcome", "'x', 'z', 'y'"]),
    "target constant": (lambda p: [write(p, good_rows().assign(y=3.0)), "--target", "y"], ["y"]),
    "target missing": (lambda p: [write(p, good_rows().assign(y=np.nan)), "--target", "y"], ["y", "missing"]),
    "rare class": (
        lambda p: [write(p, good_rows().assign(y=["a"] * 58 + ["b"] * 2)), "--target", "y"],
        ["b", "fold"],
    ),
    "duplicated columns": (lambda p: [write(p, good_rows(), header=["x", "x", "y"]), "--target", "y"], ["x"]),
    "text among numbers": (lambda p: [write(p, with_cell("x", 7, "seven")), "--target", "y"], ["'x'", "seven"]),
    "infinity": (lambda p: [write(p, with_cell("x", 7, "inf")), "--target", "y"], ["'x'", "infinite"]),
    "1e30 in a feature": (lambda p: [write(p, with_cell("x", 7, 1e30)), "--target", "y"], ["'x'", "1e+30", "row 8"]),
    "1e30 in the target": (lambda p: [write(p, with_cell("y", 7, 1e30)), "--target", "y"], ["'y'", "1e+30", "row 8"]),
    "ten thousand levels": (lambda p: [write(p, cities(30_000)), "--target", "y"], ["'city'", "10,000"]),
    "one group": (lambda p: [write(p, good_rows().assign(g=1)), "--target", "y", "--groups", "g"], ["1", "groups"]),
    "not UTF-8": (lambda p: [latin(p), "--target", "y"], ["UTF-8"]),
    "more folds than rows": (lambda p: [write(p, good_rows(10)), "--target", "y", "--folds", "20"], ["20", "10"]),
    "unknown option in a config file": (lambda p: [write(p, good_rows()), "--config", config(p)], ["fold_count"]),
    "bad formula": (lambda p: [write(p, good_rows()), "--formula", "y ~ x1 +"], ["y ~ x1 +"]),
    "bad query": (lambda p: ["--query", f"selct * from '{write(p, good_rows())}'", "--target", "y"], ["selct"]),
    "bad setting": (lambda p: [write(p, good_rows()), "--target", "y", "--dropout", "1.5"], ["dropout", "1.5"]),
    "unknown example": (lambda _: ["example:brest_cancer"], ["breast_cancer"]),
}


def empty(folder):
    path = folder / "empty.csv"
    path.touch()
    return str(path)


def latin(folder):
    path = folder / "latin.csv"
    path.write_bytes(b"name,y\n" + "Zoë,1\nBéa,2\n".encode("latin-1") * 20)
    return str(path)


def config(folder):
    path = folder / "run.toml"
    path.write_text("fold_count = 3\n")
    return str(path)


@pytest.mark.parametrize("name", CASES)
def test_exit_code_two_one_message_and_nothing_written(name, tmp_path, capsys):
    words, expected = CASES[name]
    out = tmp_path / "run"
    given = words(tmp_path)
    folds = SMALL[2:] if "--folds" in given else SMALL
    extra = [] if name == "bad setting" else folds
    assert main(["fit", *given, *(extra or folds[:2]), "--out", str(out)]) == 2
    message = capsys.readouterr().err
    assert message.startswith("thalweg: ")
    assert message.count("\n") == 1, message
    for word in expected:
        assert word in message, message
    assert not out.exists()


def test_a_leak_and_a_column_of_names_are_warned_about(tmp_path, capsys):
    frame = good_rows(200)
    frame["copy"] = frame["y"]
    frame["id"] = [f"user {i}" for i in range(200)]
    assert main(["fit", write(tmp_path, frame), "--target", "y", *SMALL, "--json"]) == 0
    answer = capsys.readouterr().out
    for code in ("leakage", "id_like"):
        assert f'"{code}"' in answer


def test_a_folder_that_cannot_be_written(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    out = str(tmp_path / "file" / "run")
    assert main(["fit", write(tmp_path, good_rows()), "--target", "y", *SMALL, "--out", out]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_folder_of_something_else_is_refused(tmp_path, capsys):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.tex").write_text("precious")
    words = ["fit", write(tmp_path, good_rows()), "--target", "y", *SMALL, "--out", str(tmp_path / "run")]
    assert main(words) == 2
    assert "not of a run" in capsys.readouterr().err
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["thesis.tex"]


def test_a_number_where_a_configuration_needs_a_text(tmp_path, capsys):
    (tmp_path / "run.toml").write_text("target = 3\n")
    assert main(["fit", write(tmp_path, good_rows()), "--config", str(tmp_path / "run.toml")]) == 2
    assert capsys.readouterr().err.endswith("run.toml: target is 3, which is no text. Put it in quotes.\n")


IN_A_FILE = {
    "learning_rate = -1": "learning_rate in {file} must lie in",
    "groups = 'q'": "There is no column 'q', named by groups in {file}.",
    "hidden = 'a'": "{file}: hidden needs widths",
    "source = 3": "{file}: source is 3, which is no text. Put it in quotes.",
}


@pytest.mark.parametrize("line", IN_A_FILE)
def test_what_a_configuration_says_is_told_by_its_keys(line, tmp_path, capsys):
    file = tmp_path / "run.toml"
    file.write_text(f"{line}\n")
    assert main(["fit", write(tmp_path, good_rows()), "--target", "y", "--config", str(file)]) == 2
    told = capsys.readouterr().err
    assert IN_A_FILE[line].format(file=file) in told
    assert "--" not in told


def test_a_flag_that_overrides_a_configuration_is_told_as_a_flag(tmp_path, capsys):
    file = tmp_path / "run.toml"
    file.write_text("learning_rate = -1\n")
    words = ["fit", write(tmp_path, good_rows()), "--target", "y", "--config", str(file), "--learning-rate", "-2"]
    assert main(words) == 2
    assert "--learning-rate must lie in" in capsys.readouterr().err


def test_a_mistyped_command_is_answered_in_one_line(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["fit", "example:iris", "--folds", "many"])
    assert (
        capsys.readouterr().err == "thalweg fit: argument --folds: invalid int value: 'many'. See thalweg fit --help.\n"
    )


def test_a_table_that_an_option_took_is_named(tmp_path, capsys):
    path = write(tmp_path, good_rows())
    assert main(["fit", "--target", "y", "--ignore", "z", path]) == 2
    assert f"--ignore took '{path}'. Put the file first, or write -- before it." in capsys.readouterr().err
