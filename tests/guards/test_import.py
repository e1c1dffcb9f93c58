"""Importing is free: the heavy packages come when something needs them."""

import subprocess
import sys

import pytest

from guards.repository import MODULES, ROOT

HEAVY = ("torch", "pandas", "sklearn", "scipy", "duckdb", "numpy", "jinja2", "rich")


def loaded_by(statement):
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("statement", ["import thalweg", "import thalweg.cli.main", "from thalweg import DataError"])
def test_loads_nothing_heavy(statement):
    assert loaded_by(statement).isdisjoint(HEAVY)


def test_linear_models_need_no_torch():
    assert "torch" not in loaded_by("import thalweg.linear")


def test_the_public_names_are_all_there():
    assert "thalweg.answers.comparison" in loaded_by(
        "import thalweg\nfor name in thalweg.__all__: getattr(thalweg, name)"
    )


EXPERIMENT = [name for name in MODULES if name.startswith("thalweg.effects.experiment")]


@pytest.mark.parametrize("name", [*EXPERIMENT, "thalweg.effects.dedl", "thalweg.effects.links.link"])
def test_an_experiment_is_read_and_checked_without_torch(name):
    assert "torch" not in loaded_by(f"import {name}")


def test_the_names_of_links_load_nothing():
    assert loaded_by("import thalweg.effects.links.named_links").isdisjoint(HEAVY)


def test_the_room_of_effects_shows_its_names_and_no_file():
    every = "import thalweg.effects, thalweg.effects.dedl, thalweg.effects.linear_combinations"
    shown = loaded_by(f"{every}\nprint(*dir(thalweg.effects), callable(thalweg.effects.contrasts))")
    assert {"DeDL", "contrasts", "read_experiment", "True"} <= shown
    assert not shown & {"dedl", "experiment", "linear_combinations", "TYPE_CHECKING"}


def test_the_verbs_of_effects_that_train_nothing_load_no_torch():
    assert "torch" not in loaded_by("import thalweg.cli.effects_actions")
    source = '{"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}'
    check = f'thalweg.DeDL().check({source}, target="y", treatments=["a", "b"])'
    assert "torch" not in loaded_by(f"import thalweg\n{check}")
