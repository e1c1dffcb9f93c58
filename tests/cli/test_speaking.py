"""What is said arrives, whatever the streams are: one line of words, exit code 2, and nothing lost."""

import errno
import os
import subprocess
import sys

import pandas as pd
import pytest

from thalweg.cli.speaking import LostOutputError, remark, say, say_data, say_json

TABLE = {"x": [0.3, 1.9, 2.2, 3.7, 4.4, 5.1] * 4, "y": [1.0, 2.0, 2.5, 3.5, 4.0, 6.0] * 4}
LINEAR = ["linear", "t.csv", "--target", "y"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell's redirections")


@pytest.fixture
def place(tmp_path):
    frame = pd.DataFrame(TABLE)
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.rename(columns={"x": "x\x1b]0;OWNED\x07\x1b[2J\u202e"}).to_csv(tmp_path / "steers.csv", index=False)
    return tmp_path


def shell(place, words, redirected, encoding=None):
    command = f"exec {sys.executable} -m thalweg {' '.join(words)} {redirected}"
    settings = os.environ | ({"PYTHONIOENCODING": encoding} if encoding else {})
    return subprocess.run(["/bin/sh", "-c", command], cwd=place, env=settings, capture_output=True, check=False)


@pytest.mark.parametrize("form", [[], ["--json"], ["--quiet"]])
def test_pipes_of_other_encodings(place, form):
    done = shell(place, [*LINEAR, *form], "", "cp1252")
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("cp1252")


def test_a_full_device_loses_nothing(place):
    done = shell(place, LINEAR, "> /dev/full")
    assert done.returncode == 2
    first, *rest = done.stderr.decode().splitlines()
    assert first.startswith("thalweg: Standard output cannot be written: No space left on device.")
    assert rest == shell(place, LINEAR, "").stdout.decode().splitlines()
    assert shell(place, LINEAR, "> /dev/full 2> /dev/full").returncode == 2


def test_closed_streams(place):
    done = shell(place, LINEAR, ">&-")
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "thalweg: Standard output is closed: the answer would be lost. Send it to a file: > answer.txt\n"
    )
    assert shell(place, LINEAR, "2>&-").returncode == 0
    assert shell(place, LINEAR, "| head -c 1").stderr == b""


def test_nothing_steers_a_terminal(place):
    for form in ([], ["--features", "'\x1b[31m'"]):
        done = shell(place, ["linear", "steers.csv", "--target", "y", *form], "")
        assert b"\x1b" not in done.stdout + done.stderr
        assert b"\x07" not in done.stdout + done.stderr
    assert b"\x1b" not in shell(place, ["'li\x1b[31mne'"], "").stderr


def test_voices_of_streams_that_lack_signs(monkeypatch, capsys):
    say("a − b ≤ c\x1b[2J\ud800")
    assert capsys.readouterr().out == "a − b ≤ c [2J?\n"
    say_data("a,b\n")
    say_json({"a": "−"})
    assert capsys.readouterr().out == 'a,b\n{"a": "−"}\n'
    monkeypatch.setattr(sys, "stderr", None)
    remark("nobody hears")
    with open(os.devnull, encoding="utf-8") as unwritable:  # noqa: PTH123 - a device
        monkeypatch.setattr(sys, "stderr", unwritable)
        remark("nobody hears")


def test_a_remark_is_one_line(capsys):
    remark("new\nline.toml cannot be read.\r\nCheck the path.")
    assert capsys.readouterr().err == "thalweg: new line.toml cannot be read. Check the path.\n"


def test_a_pipe_that_nobody_reads_any_more_is_the_same_on_windows(monkeypatch):
    class Gone:
        encoding = "cp1252"

        def write(self, _):
            raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(sys, "stdout", Gone())
    with pytest.raises(LostOutputError):
        say("told")
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(BrokenPipeError):
        say("told")
