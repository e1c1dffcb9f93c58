"""The program itself: every verb has its file, and the package can be started as a module."""

import subprocess
import sys
from pathlib import Path

import pytest

import thalweg.cli
from thalweg.cli.main import build_parser, main

VERBS = ("fit", "linear", "effects", "predict", "report", "replay")


def test_the_package_can_be_started_as_a_module():
    done = subprocess.run([sys.executable, "-m", "thalweg", "--help"], capture_output=True, text=True, check=True)
    assert [verb for verb in VERBS if verb not in done.stdout] == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_file_and_a_help(verb, capsys):
    assert (Path(thalweg.cli.__file__).parent / f"{verb}.py").exists()
    with pytest.raises(SystemExit, match="0"):
        build_parser().parse_args([verb, "--help"])
    assert capsys.readouterr().out.startswith(f"usage: thalweg {verb}")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["report", "no/folder"], "no/folder holds no finished run"),
        (["predict", "no/folder", "t.csv"], "no/folder holds no finished run"),
        (["replay", "no/folder", "--member", "1"], "no/folder holds no finished run"),
        (["effects", "best", "no/folder"], "name --target and --treatments of a table"),
    ],
)
def test_verbs_about_a_run_are_told_when_there_is_none(words, told, capsys):
    assert main(words) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_any_run_is_reported_and_those_with_models_predict(tmp_path, capsys):
    out = str(tmp_path / "run")
    assert main(["linear", "example:diabetes", "--quiet", "--out", out]) == 0
    capsys.readouterr()
    assert main(["report", out]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'run' / 'report.html'}\n"
    assert main(["predict", out, "example:diabetes"]) == 0
    assert capsys.readouterr().out.count("\n") == 443
    assert main(["replay", out, "--member", "0"]) == 2
    assert "holds no comparison of models" in capsys.readouterr().err
    assert main(["effects", "best", out]) == 2
    assert "but not of effects" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--figures", "taken"], "--figures must be the path of a folder, and 'taken' is a file"),
        (["--tables", "taken/t"], "taken/t cannot be written: Not a directory"),
        (["--bundle", "b.txt"], "--bundle must end with one of .zip, got 'b.txt'"),
        (["--figures", "f", "--kind", "gif"], "--kind must be one of"),
        (["--figures", "f", "--width", "nan"], "--width must be a finite number"),
    ],
)
def test_nothing_of_a_report_is_written_where_a_part_is_refused(words, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("")
    assert main(["report", "no/run", "--out", "r.html", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert told in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
