"""No words, settings or files end in a traceback: a few seconds of what ``studies/doors.py`` does for hours."""

import multiprocessing
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

import thalweg as tw
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


def _doors():
    rng, rows = np.random.default_rng(0), 40_000
    wide = pd.DataFrame({"y": rng.normal(size=rows), "k": rng.choice([f"level {n}" for n in range(90)], rows)})
    wide["l"] = wide["k"].to_numpy()[::-1]
    numbers = rng.normal(size=(rows, 300))  # its copies are more than earlier tests have left free in this process
    quick = {"seeds": 1, "hidden": 2, "epochs": 1, "workers": 1}
    return [
        lambda: tw.read_table(
            "t.csv", query="select a.x, b.x as y, c.x as z from data a, data b, data c, data d, data e"
        ),
        lambda: tw.fit(wide, target="y", folds=2, trees=1, watch=False, **quick),
        lambda: tw.fit_linear(wide, formula="y ~ k * l"),
        lambda: tw.NetRegressor(**quick).fit(numbers, numbers[:, 0]),
    ]


def _within_little_memory(channel, doors):
    import resource

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 15_000_000, resource.RLIM_INFINITY))
    for door in doors:
        try:
            door()
            channel.send("it fits")
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
            channel.send(f"{type(error).__name__}: {error}")
    os._exit(0)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no limit to set, or no fork")
def test_memory_that_runs_out_is_told_in_words_with_a_remedy_at_every_door():
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    doors = _doors()
    process = context.Process(target=_within_little_memory, args=(theirs, doors))
    process.start()
    theirs.close()
    told = [mine.recv() for _ in doors]
    process.join()
    assert all(
        text.startswith(
            ("SettingError: Memory ran out", "SettingError: This needs about", "OversizedError: This needs about")
        )
        for text in told
    ), told
    assert all("are free" in text and ("Select" in text or "Give fewer" in text) for text in told), told
