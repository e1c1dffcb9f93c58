import pytest

from thalweg.base.errors import RunFolderError, SettingError
from thalweg.base.keeping import json_files
from thalweg.base.keeping.json_files import read_json, readable

DAMAGED = {
    "list": b"[]",
    "number": b"1",
    "text": b'"x"',
    "nothing": b"",
    "cut": b'{"a": [1,',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep records": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "bytes": bytes(range(256)),
    "utf-16": '{"a": 1}'.encode("utf-16-le")[:-1],
    "digits": b'{"a": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_whatever_is_in_a_file_is_told_with_its_name(tmp_path, kind):
    place = tmp_path / "config.json"
    place.write_bytes(DAMAGED[kind])
    with pytest.raises(RunFolderError, match=r"config\.json is damaged or was not written by thalweg: .*Do this\."):
        read_json(place, "Do this.")


def test_files_that_are_too_large_are_not_read(tmp_path, monkeypatch):
    place = tmp_path / "config.json"
    place.write_bytes(b'{"a": 1}')
    monkeypatch.setattr(json_files, "_LARGEST", 3)
    with pytest.raises(RunFolderError, match="it has 8 bytes, and at most 3 are read"):
        read_json(place)


def test_files_that_are_missing_or_folders(tmp_path):
    with pytest.raises(RunFolderError, match=r"config\.json is missing"):
        read_json(tmp_path / "config.json")
    with pytest.raises(RunFolderError, match=r"cannot be read: Is a directory|is damaged"):
        read_json(tmp_path)


@pytest.mark.parametrize(
    "error",
    [KeyError("x"), ZeroDivisionError(), AttributeError("no x"), RecursionError(), SettingError("Bad.", "Mend.")],
)
def test_whatever_breaks_while_values_are_used_is_the_fault_of_the_file(tmp_path, error):
    with pytest.raises(RunFolderError, match=r"model\.json is damaged"), readable(tmp_path / "model.json"):
        raise error


def test_memory_that_runs_out_is_not_the_fault_of_the_file(tmp_path):
    with (
        pytest.raises(RunFolderError, match=r"model\.json needs more memory than is free\. "),
        readable(tmp_path / "model.json", "Delete it."),
    ):
        raise MemoryError
