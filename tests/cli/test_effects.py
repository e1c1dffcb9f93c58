"""thalweg effects from one end to the other: simulate, check, fit, best, groups, compare, design."""

import io
import json
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from thalweg.cli.main import main

QUICK = [
    "--epochs",
    "20",
    "--folds",
    "2",
    "--repeats",
    "2",
    "--workers",
    "1",
    "--hidden",
    "8",
    "--ridge",
    "5e-6",
    "--scale",
    "global",
]
QUESTION = ["--target", "y", "--treatments", "t1", "t2", "t3"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("effects")
    design = ["--rows", "900", "--treatments", "3", "--features", "3", "--all-on"]
    assert main(["effects", "simulate", "--out", str(folder / "trial.csv"), *design, "--quiet"]) == 0
    return folder


@pytest.fixture(scope="module")
def fit_words(place):
    return ["effects", "fit", str(place / "trial.csv"), *QUESTION, *QUICK, "--out", str(place / "run")]


@pytest.fixture(scope="module")
def run(place, fit_words):
    assert main([*fit_words, "--quiet"]) == 0
    return str(place / "run")


def printed(capsys, *words):
    assert main(["effects", *words]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def answered(capsys, *words):
    return json.loads(printed(capsys, *words, "--json"))


def test_a_simulated_table_has_its_truth_beside_it(place, tmp_path, capsys):
    table, truth = pd.read_csv(place / "trial.csv"), pd.read_csv(place / "trial-truth.csv", dtype={"combination": str})
    assert list(table) == ["y", "t1", "t2", "t3", "x1", "x2", "x3"]
    assert len(table) == 900
    assert list(truth) == ["combination", "effect", "observed"]
    assert truth.set_index("combination").loc["000", "effect"] == 0.0
    assert set(truth.combination[truth.observed]) == {"000", "100", "010", "001", "110", "111"}
    words = ["simulate", "--out", str(tmp_path / "b.parquet"), "--rows", "60", "--cluster-rows", "6"]
    assert "--clusters cluster" in printed(capsys, *words)
    assert pd.read_parquet(tmp_path / "b.parquet")["cluster"].nunique() == 10
    assert main(["effects", "simulate", "--out", str(tmp_path / "c.xlsx")]) == 2
    assert "must end in .csv or .parquet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--rows", "0"),
        ("--treatments", "1"),
        ("--treatments", "17"),
        ("--features", "0"),
        ("--shape", "round"),
        ("--noise", "0"),
        ("--cluster-rows", "0"),
        ("--cluster-share", "3"),
        ("--scale-slope", "nan"),
        ("--misfit", "-1"),
    ],
)
def test_designs_that_make_no_sense_are_refused(flag, value, tmp_path, capsys):
    assert main(["effects", "simulate", "--out", str(tmp_path / "t.csv"), flag, value]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"thalweg: {flag} must")
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_check_tells_identification_shares_and_balance(place, capsys):
    text = printed(capsys, "check", str(place / "trial.csv"), *QUESTION, "--assignment", *_even())
    for words in (
        "7 of 7 effects",
        "extrapolated",
        "do not contradict the plan",
        "largest difference",
        "needs 5 parameters",
    ):
        assert words in text
    found = answered(capsys, "check", str(place / "trial.csv"), *QUESTION)
    assert found["parameters_needed"] == found["parameters_determined"] == 5
    assert found["sample_ratio"] is None
    assert found["complaints"] == []


def _even():
    return [f"{cell}={1 / 6}" for cell in ("000", "100", "010", "001", "110", "111")]


@pytest.mark.usefixtures("run")
def test_a_folder_holds_everything_and_no_half_written_file(place):
    names = {path.name for path in (place / "run").iterdir()} - {".lock"}
    kept = {"effects.csv", "comparison.csv", "contrasts.csv", "members"}
    assert names == kept | {
        "answer.json",
        "config.json",
        "numbers.safetensors",
        "records.json",
        "report.html",
    }
    answer = json.loads((place / "run" / "answer.json").read_text())
    effects = pd.read_csv(place / "run" / "effects.csv", dtype={"combination": str})
    told = [row["estimate"] for row in answer["effects"] if not row["withheld"]]
    assert effects.estimate.dropna().tolist() == told != []
    pairs = pd.read_csv(place / "run" / "contrasts.csv", dtype={"first": str, "second": str})
    against = pairs[pairs["second"] == "000"].set_index("first")
    for row in answer["effects"]:
        if not row["withheld"]:
            assert against.loc[row["combination"], "difference"] == pytest.approx(row["estimate"])
            assert against.loc[row["combination"], "std_error"] == pytest.approx(row["std_error"], rel=0.05)
    assert len(pairs) == (len(told) + 1) * len(told) // 2
    assert {pair["first"] for pair in answer["interactions"]} <= {"t1", "t2"}
    assert answer["repeat"]["command"].startswith("thalweg effects fit")
    assert (place / "run" / "report.html").read_text().startswith("<!doctype html>")


@pytest.mark.usefixtures("run")
def test_the_same_command_trains_nothing_and_another_is_refused(place, fit_words, capsys):
    before = (place / "run" / "answer.json").read_bytes()
    first = answered(capsys, *fit_words[1:])
    assert (place / "run" / "answer.json").read_bytes() == before
    whole = json.loads(before)
    assert first.items() <= whole.items()
    assert whole.keys() - first.keys() == {"files", "sha256"}
    assert main([*fit_words, "--seed", "5"]) == 2
    assert "its --seed is 0, this command's is 5" in capsys.readouterr().err


@pytest.mark.usefixtures("run")
def test_text_tells_verdict_effects_and_files(fit_words, capsys):
    text = printed(capsys, *fit_words[1:])
    for words in ("The best combination is", "95 %, all at once", "extrapolated", "link test", "report.html", "AIPW"):
        assert words in text
    assert "\x1b" not in text


def test_best_from_a_folder_and_from_a_table_are_the_same(run, place, capsys):
    stored = answered(capsys, "best", run)
    fresh = answered(capsys, "best", str(place / "trial.csv"), *QUESTION, *QUICK)
    assert stored == fresh
    assert stored["combination"] in stored["candidates"]
    assert printed(capsys, "best", run, "--quiet").count("\n") == 1
    narrow, wide = (answered(capsys, "best", run, "--level", level)["effect"] for level in ("0.8", "0.99"))
    assert wide["high"] - wide["low"] > narrow["high"] - narrow["low"]


def test_groups_of_numbers_are_quarters_and_of_words_their_levels(run, place, tmp_path, capsys):
    found = answered(capsys, "groups", run, "--by", "x1", "--combination", "110")
    assert [group["count"] for group in found["groups"]] == [225] * 4
    assert len(found["pairs"]) == len(found["p_holm"]) == 6
    text = printed(capsys, "groups", run, "--by", "x1", "--combination", "t1 + t2")
    assert text.startswith("That 110 has one effect in all groups of x1: p ")
    assert "one group of x1 less that in another" in text
    frame = pd.read_csv(place / "trial.csv")
    frame = frame.assign(region=["south" if x > 0.5 else "north" for x in frame.x1])
    frame.loc[:9, "region"] = None
    frame.to_csv(tmp_path / "regions.csv", index=False)
    words = ["groups", str(tmp_path / "regions.csv"), *QUESTION, *QUICK, "--features", "x1", "x2", "x3"]
    told = answered(capsys, *words, "--by", "region")
    assert [group["name"] for group in told["groups"]] == ["north", "south", "missing"]
    assert main(["effects", "groups", run, "--by", "x1", "--table", str(tmp_path / "regions.csv")]) == 2
    assert "fingerprint" in capsys.readouterr().err
    assert main(["effects", "groups", run, "--by", "t1"]) == 2
    assert "'t1' is outcome or treatment" in capsys.readouterr().err
    assert main(["effects", "groups", run, "--by", "x9"]) == 2
    assert "no column 'x9'" in capsys.readouterr().err


def test_without_a_column_units_are_sorted_by_what_networks_predict(run, tmp_path, capsys):
    page = tmp_path / "whom.html"
    text = printed(capsys, "groups", run, "--combination", "t1", "--out", str(page))
    assert text.startswith("100 (t1): Of units sorted by their predicted effect, the first of 5 groups gain ")
    for words in ("calibration slope", "gain if given where predicted to help", "area under the targeting curve"):
        assert words in text
    assert "<svg" in page.read_text()
    found = answered(capsys, "groups", run, "--combination", "t1")
    assert [len(found[name]) for name in ("groups", "curve", "projection")] == [5, 9, 3]
    assert main(["effects", "groups", run, "--combination", "t1 + t9"]) == 2
    assert "there is no treatment 't9'" in capsys.readouterr().err


def test_groups_write_a_page_on_demand(run, tmp_path, capsys):
    page = tmp_path / "groups.html"
    text = printed(capsys, "groups", run, "--by", "x1", "--combination", "110", "--out", str(page))
    assert text.endswith(f"Page: {page}\n")
    written = page.read_text()
    assert written.startswith("<!doctype html>")
    assert "For whom does 110 (t1 + t2) change y?" in written
    assert "--by x1 --combination 110" in written
    assert main(["effects", "groups", run, "--by", "x1", "--out", str(tmp_path / "g.pdf")]) == 2
    assert "--out must end in .html" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["groups.html"]


def test_compare_sets_methods_side_by_side_and_against_the_truth(run, place, capsys):
    text = printed(capsys, "compare", run, "--truth", str(place / "trial-truth.csv"))
    for words in ("linear addition", "plain network", "structured", "Mean absolute error"):
        assert words in text
    found = answered(capsys, "compare", run, "--methods", "LA", "DeDL", "--truth", str(place / "trial-truth.csv"))
    errors = found["mean_absolute_error"]
    assert errors["DeDL"]["error"] < errors["linear addition"]["error"]
    assert set(found["comparison"][0]) == {"combination", "linear addition", "linear addition se", "DeDL", "DeDL se"}
    assert main(["effects", "compare", run, "--methods", "magic"]) == 2
    assert "--methods must be one of" in capsys.readouterr().err
    assert main(["effects", "compare", run, "--truth", str(place / "trial.csv")]) == 2
    assert "no column 'combination'" in capsys.readouterr().err


def test_design_names_cells_nobody_received(run, capsys):
    found = answered(capsys, "design", run, "--next", "5")
    assert sorted(cell["combination"] for cell in found["next"]) == ["011", "101"]
    assert all(0 < cell["noise"] < 1 for cell in found["next"])
    assert "Run next: " in printed(capsys, "design", run, "--quiet")
    assert main(["effects", "design", run, "--next", "0"]) == 2
    assert "--next must be" in capsys.readouterr().err


def test_a_finished_run_takes_no_questions_again(run, place, capsys):
    assert main(["effects", "best", run, "--learning-rate", "0.1"]) == 2
    assert "is a finished run, so --learning-rate is settled there" in capsys.readouterr().err
    assert main(["effects", "best", str(place / "runn")]) == 2
    assert "is no folder of a run" in capsys.readouterr().err
    assert main(["effects", "best", str(place)]) == 2
    assert "config.json is missing" in capsys.readouterr().err


def test_a_run_of_something_else_is_refused(tmp_path, capsys):
    (tmp_path / "config.json").write_text("{}")
    assert main(["effects", "best", str(tmp_path)]) == 2
    assert "config.json is damaged or was not written by thalweg" in capsys.readouterr().err


def test_the_report_of_any_run_is_written_by_one_command(run, tmp_path, capsys):
    assert main(["report", run, "--out", str(tmp_path / "page.html")]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'page.html'}\n"
    assert (tmp_path / "page.html").read_bytes() == (Path(run) / "report.html").read_bytes()


def test_effects_predict_nothing(run, capsys):
    assert main(["predict", run, "example:iris"]) == 2
    assert "holds no models that predict" in capsys.readouterr().err


def test_a_folder_with_other_files_is_left_alone(place, tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("precious")
    assert main(["effects", "fit", str(place / "trial.csv"), *QUESTION, *QUICK, "--out", str(tmp_path)]) == 2
    assert "not of a run" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.usefixtures("run")
def test_a_damaged_folder_is_named(place, tmp_path, capsys):
    shutil.copytree(place / "run", tmp_path, dirs_exist_ok=True)
    (tmp_path / "numbers.safetensors").write_bytes(b"half")
    assert main(["effects", "best", str(tmp_path)]) == 2
    assert "numbers.safetensors is damaged" in capsys.readouterr().err
    (tmp_path / "answer.json").unlink()
    assert main(["effects", "best", str(tmp_path)]) == 2
    assert "holds no finished run" in capsys.readouterr().err


def test_ctrl_c_keeps_nothing_and_says_so(place, tmp_path, monkeypatch, capsys):
    def interrupted(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("thalweg.effects.crossfit.cross_fit", interrupted)
    words = ["effects", "fit", str(place / "trial.csv"), *QUESTION, *QUICK, "--out", str(tmp_path / "run"), "--quiet"]
    assert main(words) == 1
    assert capsys.readouterr().err == "thalweg: Interrupted: nothing is kept. Start it again.\n"
    assert not (tmp_path / "run").exists()


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.usefixtures("run")
def test_a_narrow_terminal_gets_the_columns_that_fit(fit_words, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(fit_words) == 0
    lines = terminal.getvalue().splitlines()
    table = [line for line in lines if not line.startswith(("Run: ", "Report: "))]
    assert max(map(len, table)) <= 60
    assert any("No room for: AIPW; given" in line for line in lines)
    assert "\x1b" not in terminal.getvalue()
