"""Plans, devices and prices on the command line."""

import contextlib
import json

import pytest

import thalweg as tw
from thalweg.cli.main import main


def test_the_lecture_s_question(capsys):
    asked = ["--parameters", "175e9", "--tokens", "300e9", "--on", "1024xa100-40@aws", "--precision", "tf32"]
    assert main(["plan", "llm", *asked, "--rate", "80e12", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"][0]["seconds"]["middle"] / 86400 == pytest.approx(44.5048, abs=1e-4)
    assert told["rows"][0]["price"]["dated"] == "2025-03-02"


@pytest.mark.parametrize("width", [60, 80, 200])
def test_plans_fit_any_terminal(width):
    for found in (tw.plan.conv(50, on=["8xa100", "h100"]), tw.plan.deck()):
        assert max(map(len, found.text(width).splitlines())) <= width


def test_a_page_is_written(capsys, tmp_path):
    page = tmp_path / "plan.html"
    assert main(["plan", "flops", "--operations", "1e21", "--on", "h100", "--quiet", "--out", str(page)]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    assert "H100-SXM5-80" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["plan", "llm", "--parameters", "1e9", "--tokens", "-3", "--on", "h100"], "tokens must lie in"),
        (["plan", "flops", "--operations", "nan", "--on", "h100"], "must be a finite number"),
        (["plan", "conv", "--depth", "49", "--on", "h100"], "depth must be one of"),
        (["plan", "conv", "--on", "9xgpu"], "not in the catalogue"),
        (["plan", "conv", "--on", "t4", "--precision", "tf32"], "does not compute in"),
        (["plan", "conv", "--on", "t4", "--region", "x"], "region"),
        (["hardware", "l40"], "Did you mean"),
        (["plan", "module", "torch.nn:Linear", "--input", "4", "3", "--steps", "9", "--on", "t4"], "cannot be had"),
        (["plan", "module", "torch.nn:Identity", "--input", "0", "--steps", "9", "--on", "t4"], "--input"),
        (["plan", "module", "torch.nn:Identity", "--input", "4", "--steps", "0", "--on", "t4"], "--steps"),
        (["plan", "audit", "no/such/run"], "holds no finished run"),
        (["plan", "table", "example:iris", "--on", "rtx9999"], "not in the catalogue"),
        (["prices", "l40"], "Did you mean"),
    ],
)
def test_nonsense_is_refused_in_one_line(capsys, words, told):
    assert main(words) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error
    assert "\ue000" not in error


def test_without_a_kind_of_work_the_kinds_are_listed(capsys):
    assert main(["plan"]) == 0
    shown = capsys.readouterr().out
    assert all(kind in shown for kind in ("llm", "conv", "flops", "deck"))


def test_one_device_alone(capsys):
    assert main(["hardware", "rtx4090"]) == 0
    assert "RTX-3090" not in capsys.readouterr().out


def test_a_table_is_planned_with_the_words_of_fit(capsys):
    words = [
        "example:wine",
        "--folds",
        "3",
        "--seeds",
        "2",
        "--hidden",
        "4",
        "--learning-rate",
        "0.01",
        "--dropout",
        "0",
    ]
    assert main(["plan", "table", *words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["rows"][0]
    assert found["networks"] == 6
    assert found["seconds"]["middle"] > 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nope.csv"], "does not exist"),
        (["example:wine", "--hidden", "0"], "There is no network to plan for"),
        (["example:wine", "--folds", "1"], "folds"),
    ],
)
def test_a_table_that_cannot_be_fitted_is_not_planned(capsys, words, told):
    assert main(["plan", "table", *words]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["llm", "--parameters", "nan", "--tokens", "1e9", "--on", "h100-sxm"], "--parameters must be"),
        (["llm", "--parameters", "1e9", "--tokens", "-1", "--on", "h100-sxm"], "--tokens must lie"),
        (["llm", "--parameters", "1e9", "--tokens", "1e9", "--on", "0xh100-sxm"], "--on '0xh100-sxm' names no devices"),
        (["llm", "--parameters", "1e9", "--tokens", "1e9", "--on", "h100-sxm", "--precision=--"], "--precision"),
        (["flops", "--operations", "inf", "--on", "h100-sxm"], "--operations must be"),
        (["flops", "--operations", "1", "--on", "h100-sxm", "--out", "a" * 999], "--out cannot be"),
    ],
)
def test_what_is_wrong_is_told_by_the_flag(capsys, words, told):
    with contextlib.suppress(SystemExit):
        assert main(["plan", *words]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("form", [[], ["--json"], ["--quiet"]])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_said(form, capsys, tmp_path):
    (tmp_path / "taken").write_text("")
    out = str(tmp_path / "taken" / "plan.html")
    assert main(["plan", "flops", "--operations", "1e21", "--on", "h100", "--out", out, *form]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"thalweg: {out} cannot be written: Not a directory.")
    assert said.err.count("\n") == 1
