"""A folder belongs to one command and to one process at a time."""

import errno
import json
import shutil
import subprocess
import sys
import threading
import warnings
from pathlib import Path, PureWindowsPath

import pytest

from thalweg.base.errors import RunFolderError
from thalweg.base.keeping.digests import sealed
from thalweg.base.run_folder import RunFolder

CONFIG = {"job": "sum", "settings": {"seed": 1}}


def fail(folder, name):
    def run():
        with folder.opened(CONFIG):
            folder.write(name, b"some")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        run()


def test_a_run_is_begun_continued_and_refused_to_others(tmp_path):
    folder = RunFolder(tmp_path / "run")
    with folder.opened(CONFIG):
        folder.write_json("part.json", {"half": 1})
    with RunFolder(tmp_path / "run").opened(CONFIG):
        assert folder.read_json("part.json") == {"half": 1}
    with (
        pytest.raises(RunFolderError, match="its seed is 1, this command's is 2"),
        RunFolder(tmp_path / "run").opened({"job": "sum", "settings": {"seed": 2}}),
    ):
        pass


def test_files_of_others_are_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(RunFolderError, match=r"not of a run, such as 'thesis\.tex'\. Choose a new folder as out"):
        RunFolder(tmp_path).open(CONFIG)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_second_process_is_told_that_the_folder_is_in_use(tmp_path):
    with RunFolder(tmp_path / "run").opened(CONFIG), pytest.raises(RunFolderError, match="in use"):
        RunFolder(tmp_path / "run").open(CONFIG)


def test_of_many_that_begin_at_once_one_wins_and_none_is_told_of_strange_files(tmp_path):
    told, barrier, held = [], threading.Barrier(8), []

    def begin():
        folder = RunFolder(tmp_path / "run")
        barrier.wait()
        try:
            folder.open(CONFIG)
            held.append(folder)
        except RunFolderError as error:
            told.append(str(error))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(held) == 1
    assert all("in use" in text for text in told)
    held[0].close()


def test_a_run_that_ended_while_another_waited_is_looked_at_again(tmp_path, monkeypatch):
    late = RunFolder(tmp_path / "run")
    acquire = late._lock.acquire

    def after_the_other(*given, **settings):
        with RunFolder(tmp_path / "run").opened({"job": "sum", "settings": {"seed": 2}}):
            pass
        return acquire(*given, **settings)

    monkeypatch.setattr(late._lock, "acquire", after_the_other)
    with pytest.raises(RunFolderError, match="another command"):
        late.open(CONFIG)
    assert json.loads((tmp_path / "run" / "config.json").read_text())["settings"] == {"seed": 2}


def test_a_failed_run_leaves_nothing_behind(tmp_path):
    folder = RunFolder(tmp_path / "run")
    fail(folder, "tables/part.csv")
    assert not (tmp_path / "run").exists()


def test_what_was_trained_is_kept_for_the_same_command(tmp_path):
    folder = RunFolder(tmp_path / "run")
    fail(folder, "members/search/00000.safetensors")
    assert (tmp_path / "run" / "config.json").exists()


def test_a_folder_deleted_meanwhile_is_no_finished_run(tmp_path):
    def run():
        with folder.opened(CONFIG):
            shutil.rmtree(tmp_path / "run")
            folder.finish({})

    folder = RunFolder(tmp_path / "run")
    with pytest.raises(RunFolderError, match="deleted or replaced while the run worked in it"):
        run()
    assert not (tmp_path / "run").exists()


def test_a_folder_that_was_there_stays(tmp_path):
    fail(RunFolder(tmp_path), "part.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (
            {"job": "product", "data": {"rows": 9}, "settings": {"seed": 5}},
            'its job is "sum", this command\'s is "product"',
        ),
        ({"settings": {"seed": 5}, "data": {"rows": 9}}, "its seed is"),
        ({"data": {"rows": 9}}, "its data rows is"),
    ],
)
def test_what_differs_is_told_by_the_name_that_was_given(tmp_path, other, told):
    config = {"job": "sum", "settings": {"seed": 1}, "data": {"rows": 3}}
    with RunFolder(tmp_path / "run").opened(config):
        pass
    with pytest.raises(RunFolderError, match=told), RunFolder(tmp_path / "run").opened(config | other):
        pass


def test_where_the_system_knows_no_locks_a_killed_run_is_still_continued(tmp_path, monkeypatch):
    """As where ``fcntl`` cannot be imported: a marker stands for the lock, and that of a dead process is none."""

    def unknown(_):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr("filelock._unix.lock_fd_nonblocking", unknown)
    place = tmp_path / "run"
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with RunFolder(place).opened(CONFIG), pytest.raises(RunFolderError, match="in use"):
            RunFolder(place).open(CONFIG)
        killed = "import os, sys, filelock; lock = filelock.SoftFileLock(sys.argv[1]); lock.acquire(); os._exit(9)"
        assert subprocess.run([sys.executable, "-c", killed, place / ".lock"], check=False).returncode == 9
        assert (place / ".lock").exists()
        with RunFolder(place).opened(CONFIG):
            pass
    assert all("falling back" in str(warning.message) for warning in told)


def test_a_file_system_without_locks_of_any_kind_is_told_in_words(tmp_path, monkeypatch):
    def unknown(*_, **__):
        raise NotImplementedError("FileSystem does not appear to support flock")

    folder = RunFolder(tmp_path / "run")
    monkeypatch.setattr(folder._lock, "acquire", unknown)
    with pytest.raises(RunFolderError, match=r"does not appear to support flock\. Choose another out"):
        folder.open(CONFIG)


def test_files_that_are_open_elsewhere_do_not_hide_why_a_run_failed(tmp_path, monkeypatch):
    """Windows deletes no file that is open, such as the lock itself."""
    unlink = Path.unlink

    def refused(self, **settings):
        if self.name in {".lock", "part.csv"}:
            raise PermissionError(errno.EACCES, "The process cannot access the file")
        unlink(self, **settings)

    monkeypatch.setattr(Path, "unlink", refused)
    fail(RunFolder(tmp_path / "run"), "part.csv")
    assert not (tmp_path / "run" / "config.json").exists()


@pytest.mark.parametrize(
    "name", ["C:secret", r"C:\secret", r"\\host\share\secret", r"..\secret", "../secret", "/secret"]
)
def test_an_answer_that_names_files_of_other_places_is_refused_by_windows_too(tmp_path, monkeypatch, name):
    folder = RunFolder(tmp_path / "run")
    with folder.opened(CONFIG):
        folder.finish({})
    answer = json.loads((tmp_path / "run" / "answer.json").read_text())
    answer["files"] = {name: "0"}
    del answer["sha256"]
    (tmp_path / "run" / "answer.json").write_text(json.dumps(sealed(answer)))
    monkeypatch.setattr("thalweg.base.run_folder.Path", PureWindowsPath)
    with pytest.raises(RunFolderError, match="outside of the folder"):
        folder._named_files()
