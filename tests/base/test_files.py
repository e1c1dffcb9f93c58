import os
import threading

import pytest

from thalweg.base.errors import RunFolderError, SettingError
from thalweg.base.files import path_of, write_whole


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
