"""Names that Windows keeps for itself, told where it runs and nowhere else."""

import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.base.files import path_of
from thalweg.base.keeping.windows_names import device_on_windows, fault_on_windows
from thalweg.base.run_folder import folder_at
from thalweg.data.files.location import locate


@pytest.mark.parametrize("name", ["CON", "nul", "aux.csv", "runs/Com1.tar.gz", r"runs\lpt9", "prn .txt", "CONOUT$"])
def test_devices(name):
    assert device_on_windows(name)
    assert "for a device" in fault_on_windows(name)


@pytest.mark.parametrize("name", ["console", "auxiliary.csv", "com10", "lpt", "nulls.csv", "runs/first", "../a b.csv"])
def test_names_that_only_resemble_devices(name):
    assert fault_on_windows(name) is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("first.", "off the end of 'first.'"),
        ("runs /first", "off the end of 'runs '"),
        ("first:2", "the sign ':'"),
        ("a<b", "the sign '<'"),
        ("new\nline", r"the sign '\n'"),
        ("what?", "the sign '?'"),
    ],
)
def test_names_that_would_become_others(name, told):
    assert told in fault_on_windows(name)


def test_drives_shares_and_steps_up_are_no_faults():
    for name in (r"C:\runs\first", "C:first", r"\\host\share\runs", "./first", "..", "/runs"):
        assert fault_on_windows(name) is None, name


@pytest.mark.parametrize("name", ["aux", "runs/first.", "runs/first:2"])
def test_a_folder_of_such_a_name_is_refused_on_windows_alone(name, monkeypatch):
    assert str(folder_at(name).path) == name
    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(SettingError, match=r"^out cannot be the path of a folder: Windows .* Give another path\.$"):
        path_of("out", name, "folder")


def test_a_table_of_such_a_name_is_refused_on_windows_before_it_is_waited_for(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(DataError, match=r"'CON' is no file: Windows takes 'CON' for a device\. Rename the file\."):
        locate("CON")
    with pytest.raises(DataError, match="does not exist"):
        locate(str(tmp_path / "console.csv#decimal=,"))
