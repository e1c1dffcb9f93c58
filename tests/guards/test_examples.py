"""The examples run as a reader runs them, and leave nothing behind."""

import importlib.util
import subprocess
import sys

import pytest

from guards.repository import ROOT

SAYS = {
    "belief_network.py": ["30 labels: pre-trained", "300 labels:"],
    "boltzmann_machine.py": ["0 1      2.37", "shares of samples:"],
    "hopfield.py": ["hebb: 88% of the damaged letters", "letter [0, 0, 1, 1, 2, 2, 3, 3]"],
    "nuisances.py": ["DoubleML, our networks:", "EconML, our networks:", "thalweg alone (AIPW):"],
    "own_population.py": ["'finished': ", "has the same numbers: True"],
    "own_table.py": ["ensemble predicts better", "ridge regression", "prediction  seed_sd"],
    "restricted_boltzmann_machine.py": ["(annealed)", "nats", "on features of a machine"],
    "see_training.py": ["has the lowest training loss", "alone save", "optimizer  learning rate"],
    "read_run_folder.py": ["ridge regression", "'network/0/0.weight': (83, 16)", "seed_sd"],
}
NEEDS = {"nuisances.py": ("doubleml", "econml")}


def test_every_example_is_here():
    assert {path.name for path in (ROOT / "examples").glob("*.py")} == set(SAYS)


@pytest.mark.parametrize("name", SAYS)
def test_it_runs(name, tmp_path):
    for package in NEEDS.get(name, ()):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"needs {package}")
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / name)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [words for words in SAYS[name] if words not in done.stdout] == []
    assert list(tmp_path.iterdir()) == []
