import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.data.files.files import read_files
from thalweg.data.files.location import locate


def test_an_existing_path_is_that_file_whatever_signs_it_has(tmp_path):
    for name in ("a[1].csv", "b*.csv", "c?.csv", "year=2020.csv", "d#decimal=,.csv", "a1.csv", "bx.csv"):
        path = tmp_path / name
        path.write_text(f"name,n\n{name.replace(',', '')},1\n")
        assert read_files([str(path)]).frame["name"].tolist() == [name.replace(",", "")]


def test_a_path_says_nothing_about_columns(tmp_path):
    folder = tmp_path / "year=2020"
    folder.mkdir()
    (folder / "t.csv").write_text("a,b\n1,2\n")
    assert read_files([str(folder / "t.csv")]).frame.columns.tolist() == ["a", "b"]


def test_words_on_reading_follow_the_name(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a;b\n")
    (found,) = locate(f"{path}#delimiter=;&decimal=,")
    assert found.asked == {"delimiter": ";", "decimal": ","}
    assert locate(f"{path}#delimiter=tab")[0].asked == {"delimiter": "\t"}
    assert found.with_key("encoding", "cp1250") == f"{path}#delimiter=;&decimal=,&encoding=cp1250"
    with pytest.raises(SettingError, match=r"'decimals'.*Did you mean 'decimal'"):
        locate(f"{path}#decimals=,")
    with pytest.raises(SettingError, match=r"decimal=. or decimal=,"):
        locate(f"{path}#decimal=;")


def test_a_pattern_without_files_and_a_folder_are_refused(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        locate(str(tmp_path / "*.csv"))
    with pytest.raises(DataError, match="is a folder"):
        locate(str(tmp_path))


@pytest.mark.parametrize("name", ["a" * 300, "a" * 9000, "x\0y", "\ud800", "a" * 9000 + "*", "***.csv", "loop.csv"])
def test_what_cannot_be_a_name_is_told_in_few_words(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    with pytest.raises(DataError, match=r"cannot be the name of a file here|does not exist") as refused:
        locate(name)
    assert len(str(refused.value)) < 400
    with pytest.raises(DataError, match="File '' does not exist"):
        locate("")
