"""``thalweg study``: what it prints, what it writes, and what it refuses."""

import json

import pytest

import thalweg as tw
from thalweg.cli.main import main
from thalweg.study.catalogue import STUDIES

SMALL = ["example:iris", "--epochs", "2", "--seeds", "2", "--workers", "1"]
QUICK = {
    "race": [*SMALL, "--hidden", "3"],
    "signal": [*SMALL, "--hidden", "3-3"],
    "landscape": [*SMALL, "--hidden", "3-3-3"],
    "boundary": SMALL,
    "backprop": ["example:iris", "--hidden", "3"],
    "capacity": SMALL,
    "guide": [*SMALL, "--hidden", "3", "--permutations", "2", "--resamples", "2"],
}


def test_without_a_name_the_studies_are_listed(capsys):
    assert main(["study"]) == 0
    told = capsys.readouterr().out
    assert all(f"thalweg study {name}" in told for name in STUDIES)


@pytest.mark.parametrize("name", QUICK)
def test_a_study_is_printed_kept_and_opened_again(name, tmp_path, capsys):
    words = ["study", name, *QUICK[name], "--out", str(tmp_path / "run")]
    assert main(words) == 0
    first = capsys.readouterr()
    assert first.err == ""
    run = tw.load(tmp_path / "run")
    assert run.sentence in " ".join(first.out.split())
    page = (tmp_path / "run" / "report.html").read_text()
    assert page.count("<figure>") == len(run.figures) > 0
    assert len(page) < 2_000_000
    assert main([*words, "--quiet"]) == 0  # it is finished: nothing is computed again
    assert " ".join(capsys.readouterr().out.split()) == run.sentence
    assert main(["report", str(tmp_path / "run"), "--out", str(tmp_path / "again.html")]) == 0
    assert (tmp_path / "again.html").read_text() == page


def test_as_json_and_with_figures_for_papers(tmp_path, capsys):
    assert main(["study", "backprop", *QUICK["backprop"], "--json", "--figures", str(tmp_path / "f")]) == 0
    assert json.loads(capsys.readouterr().out)["study"] == "backprop"
    assert {path.suffix for path in (tmp_path / "f").iterdir()} == {".pdf"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["race", "example:iris", "--seeds", "1"], "--seeds"),
        (["race", "example:iris", "--target", "qq"], "qq"),
        (["race", "example:iris", "--weights", "w"], "--weights"),
        (["rase", "example:iris"], "rase"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(words, told, capsys):
    try:
        code = main(["study", *words])
    except SystemExit as left:
        code = left.code
    assert code == 2
    said = capsys.readouterr().err
    assert told in said
    assert "Traceback" not in said


@pytest.mark.parametrize("flag", ["--figures", "--out"])
def test_places_are_looked_at_before_the_study(flag, monkeypatch, tmp_path, capsys):
    def run_study(*_, **__):
        raise AssertionError("it has begun")

    monkeypatch.setattr("thalweg.jobs.study.run_study", run_study)
    (tmp_path / "taken").write_text("")
    assert main(["study", "backprop", "example:iris", flag, str(tmp_path / "taken" / "x.html")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "cannot be written: Not a directory" in said.err


def test_a_page_that_finds_no_space_costs_no_answer(tmp_path, capsys):
    (tmp_path / "page.html").symlink_to("/dev/full")
    assert main(["study", "backprop", *QUICK["backprop"], "--out", str(tmp_path / "page.html")]) == 2
    said = capsys.readouterr()
    assert "Backpropagation" in said.out or "gradient" in said.out
    assert "page.html cannot be written: No space left on device. Free space" in said.err
