import errno
import os
import threading
from pathlib import Path

import pytest

from thalweg.base.errors import RunFolderError, SettingError
from thalweg.base.files import path_of, unwritable, writable_place, write_whole


def test_folders_are_made_and_files_replaced(tmp_path):
    path = tmp_path / "deep" / "note"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "note"
    write_whole(path, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RunFolderError, match="note cannot be written: No space left on device"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_the_way_of_a_folder_is_an_error_in_words(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(RunFolderError, match="cannot be written"):
        write_whole(tmp_path / "taken" / "note", b"")


@pytest.mark.parametrize("place", [3, None, "", ["runs"], b"runs/first"[:0]])
def test_what_is_no_path_is_named_as_it_was_given(place):
    with pytest.raises(SettingError, match=r"folder must be the path of a folder, got "):
        path_of("folder", place, "folder")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_a_pipe_or_device_is_written_to_and_stays_what_it_is(tmp_path):
    pipe, heard = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_whole(pipe, b"said")
    reader.join()
    assert heard == [b"said"]
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_link_is_followed(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "inner" / "note")
    for content in (b"first", b"second"):
        write_whole(tmp_path / "link", content)
        assert (tmp_path / "inner" / "note").read_bytes() == content
        assert (tmp_path / "link").is_symlink()
    with pytest.raises(RunFolderError, match="inner cannot be written"):
        write_whole(tmp_path / "inner", b"")


def test_a_file_that_windows_keeps_open_for_a_moment_is_replaced(tmp_path, monkeypatch):
    path, tries = tmp_path / "report.html", []
    path.write_bytes(b"old")
    replace = Path.replace

    def scanned(self, target):
        tries.append(self.name)
        if len(tries) < 3:
            raise PermissionError(errno.EACCES, "The process cannot access the file because another process uses it")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", scanned)
    monkeypatch.setattr("sys.platform", "win32")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert len(tries) == 3


def test_a_file_that_stays_open_is_told_with_what_to_do_and_nothing_is_left(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_bytes(b"old")

    def opened(*_):
        raise PermissionError(errno.EACCES, "Access is denied")

    monkeypatch.setattr(Path, "replace", opened)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(
        RunFolderError, match=r"cannot be written: Access is denied\. Close the program that has it open"
    ):
        write_whole(path, b"new")
    assert list(tmp_path.iterdir()) == [path]


def test_remedies_follow_what_the_system_refuses():
    full, read_only = OSError(errno.ENOSPC, "No space"), OSError(errno.EROFS, "Read-only file system")
    assert unwritable(Path("a"), full).remedy.startswith("Free space")
    assert "who may write" in unwritable(Path("a"), read_only).remedy
    assert unwritable(Path("a"), OSError(errno.ENOTDIR, "Not a directory")).remedy == "Choose another place."


def test_a_place_is_looked_at_without_a_trace(tmp_path):
    (tmp_path / "there").write_text("old")
    assert writable_place("out", tmp_path / "deep" / "page.html") == tmp_path / "deep" / "page.html"
    writable_place("out", tmp_path / "there")
    writable_place("folder", tmp_path / "deep", "folder")
    writable_place("folder", tmp_path, "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    writable_place("out", os.devnull)


def test_a_place_that_cannot_be_is_refused_before_the_work(tmp_path, monkeypatch):
    (tmp_path / "taken").write_text("")
    with pytest.raises(RunFolderError, match="cannot be written: Not a directory"):
        writable_place("out", tmp_path / "taken" / "page.html")
    with pytest.raises(SettingError, match=r"must be the path of a folder, and .* is a file"):
        writable_place("figures", tmp_path / "taken", "folder")
    with pytest.raises(SettingError, match=r"must be the path of a file, and .* is a folder"):
        writable_place("out", tmp_path)

    def refused(**_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    with pytest.raises(RunFolderError, match="cannot be written: Read-only file system"):
        writable_place("out", tmp_path / "page.html")
