"""``python -m thalweg`` (thalweg.__main__) is the command."""

import subprocess
import sys

import pytest

from guards.repository import ROOT
from thalweg.base.version import __version__


@pytest.mark.parametrize(("words", "code"), [(["--version"], 0), (["fit", "--no-such-flag"], 2)])
def test_it_answers_and_hands_on_the_exit_code(words, code, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "thalweg", *words],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert code or done.stdout == f"thalweg {__version__}\n"
