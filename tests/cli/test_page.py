import pytest

from thalweg.base.errors import RunFolderError
from thalweg.cli.page import page_asked


def test_a_page_is_taken_out_of_what_is_asked_and_a_folder_stays(tmp_path):
    asked = {"target": "y", "out": str(tmp_path / "page.html")}
    assert page_asked(asked) == tmp_path / "page.html"
    assert asked == {"target": "y"}
    folder = {"out": "runs/first"}
    assert page_asked(folder) is None
    assert folder == {"out": "runs/first"}


def test_a_page_without_a_place_is_refused(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(RunFolderError, match="cannot be written: Not a directory"):
        page_asked({"out": str(tmp_path / "taken" / "page.html")})
