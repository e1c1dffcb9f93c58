"""No words, settings or files end in a traceback: a few seconds of what ``studies/doors.py`` does for hours."""

import os

import pytest
from hypothesis import HealthCheck, given, settings

from doors import SETTINGS, TOML, commands, fault_of_call, fault_of_command, prepare

BRIEF = settings(
    max_examples=25, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module", autouse=True)
def place(tmp_path_factory):
    before, folder = os.getcwd(), tmp_path_factory.mktemp("doors")  # noqa: PTH109 - to come back
    prepare(folder)
    os.chdir(folder)
    yield folder
    os.chdir(before)


@BRIEF
@given(commands())
def test_commands(words):
    assert fault_of_command(words) is None


@BRIEF
@given(SETTINGS)
def test_settings_in_python(chosen):
    assert fault_of_call(chosen) is None


@BRIEF
@given(TOML)
def test_configuration_files(place, text):
    (place / "c.toml").write_text(text, encoding="utf-8", errors="replace")
    quick = ["--folds", "2", "--seeds", "1", "--hidden", "2", "--epochs", "1", "--workers", "1"]
    assert fault_of_command(["fit", "t.csv", "--target", "y", "--config", "c.toml", *quick]) is None
