"""What every verb prints fits the terminal, from 60 to 200 columns, with UTF-8 or without; no number or word is cut."""

import io
import re
import sys
from functools import partial

import pytest

import thalweg as tw
from thalweg.cli.main import build_parser, main

NUMBER = re.compile(r"(?<![\w.])[−-]?\d[\d,]*(?:\.\d+)?(?![\w.])")
WIDTHS = (60, 80, 200)
TINY = ["--epochs", "2", "--workers", "1"]
TRIAL = ["--target", "y", "--treatments", "t1", "t2", "t3"]
TRAINED = {
    "fit": ["fit", "example:longley", "--folds", "4", "--seeds", "2", "--hidden", "4", "--trees", "2", *TINY],
    "linear": ["linear", "example:diabetes", "--path", "ridge"],
    "effects": ["effects", "fit", "trial.csv", *TRIAL, "--hidden", "4", "--folds", "2", "--repeats", "1", *TINY],
    "observed": ["effects", "observe", "trial.csv", "--target", "y", "--treatments", "t1", "--folds", "2", *TINY],
    "study": ["study", "race", "example:iris", "--hidden", "3", "--seeds", "2", *TINY],
}
QUICK = [
    [],
    ["examples"],
    ["doctor"],
    ["study"],
    ["plan", "conv", "--on", "8xa100", "h100"],
    ["hardware"],
    ["prices"],
    ["effects", "check", "trial.csv", *TRIAL],
    ["effects", "design", "--units", "4000", "--mean", "0.1"],
    ["effects", "best", "effects"],
    ["effects", "groups", "effects", "--by", "x1"],
    ["effects", "compare", "effects", "--methods", "LA", "LR", "AIPW"],
    ["effects", "design", "effects"],
    ["replay", "fit", "--member", "0"],
    ["report", "study"],
]


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


def said(words, width, encoding="utf-8"):
    """Return what a command prints on a terminal."""
    shown = Terminal(io.BytesIO(), encoding=encoding)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        patch.setattr(sys, "stdout", shown)
        assert main(words) in {0, 2}
    shown.flush()
    return shown.buffer.getvalue().decode(encoding)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("widths")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        main(["effects", "simulate", "--out", "trial.csv", "--rows", "400", "--treatments", "3", "--quiet"])
        for name, words in TRAINED.items():
            assert main([*words, "--out", name]) == 0
    return folder


def check_fits(text_at):
    """Check lines, numbers and words of a text that is given for a width and an encoding."""
    whole = text_at(200)
    words, numbers = set(whole.split()), set(NUMBER.findall(whole))
    for width in WIDTHS:
        text = text_at(width)
        wide = [line for line in text.splitlines() if len(line) > width and not is_to_be_copied(line)]
        assert wide == []
        assert set(NUMBER.findall(text)) <= numbers
        assert {word for word in text.split() if word not in words} <= {"No", "room", "for:"} | {
            word for word in text.split() if word.rstrip(";.") in whole
        }
    assert text_at(60, "ascii").isascii()


def is_to_be_copied(line):
    """Commands and places stay on one line, so that they can be copied."""
    return line.lstrip().startswith(("thalweg ", "Try: thalweg", "Run: ", "Report: "))


@pytest.mark.parametrize("name", TRAINED)
def test_answers_fit(place, monkeypatch, name):
    monkeypatch.chdir(place)
    run = tw.load(name)

    def text_at(width, encoding="utf-8"):
        shown = Terminal(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", shown)
        return run.text(width)

    check_fits(text_at)
    assert text_at(60) in said([*TRAINED[name], "--out", name], 60)


@pytest.mark.parametrize("words", QUICK, ids=" ".join)
def test_what_verbs_print_fits(place, monkeypatch, words):
    monkeypatch.chdir(place)
    check_fits(partial(said, words))


def test_help_fits(monkeypatch):
    for width in WIDTHS:
        monkeypatch.setenv("COLUMNS", str(width))
        for parser in parsers_of(build_parser()):
            assert [line for line in parser.format_help().splitlines() if len(line) > width] == []


def parsers_of(parser):
    yield parser
    for action in parser._actions:
        for below in action.choices.values() if isinstance(action.choices, dict) else ():
            yield from parsers_of(below)


def test_remarks_on_a_terminal_are_wrapped_at_spaces(monkeypatch):
    shown = Terminal(io.BytesIO(), encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys, "stderr", shown)
    assert main(["fit", "example:longley", "--target", "nothing", "--folds", "4"]) == 2
    shown.flush()
    lines = shown.buffer.getvalue().decode().splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 60
