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
