import io
import zipfile

import pandas as pd
import pytest

import thalweg as tw


@pytest.fixture(scope="module")
def run():
    return tw.fit_linear("example:longley")


def test_an_answer_leaves_in_one_archive_with_the_numbers_of_every_figure(run, tmp_path):
    kept = run.bundle(tmp_path / "all.zip")
    with zipfile.ZipFile(kept) as archive:
        names = archive.namelist()
        assert {f"figures/{one.name}.{kind}" for one in run.figures for kind in ("csv", "svg", "pdf")} <= set(names)
        assert {f"tables/{one.name}.{kind}" for one in run.tables for kind in ("csv", "tex", "typ", "docx")} <= set(
            names
        )
        assert len(set(names)) == len(names)
        readme = archive.read("README.txt").decode()
        assert run.sentence in readme
        assert "<strong>" not in readme
        numbers = pd.read_csv(io.BytesIO(archive.read("tables/coefficients.csv")))
    assert len(numbers) == len(run.frame())
    assert kept.read_bytes() == run.bundle(tmp_path / "again.zip").read_bytes()


def test_figures_are_found_by_name_and_saved_by_ending(run, tmp_path):
    picture = run.figure("coefficient-intervals")
    assert picture.save(tmp_path / "f.PDF", width="nature").read_bytes().startswith(b"%PDF")
    assert picture.save(tmp_path / "f.svg").read_text().startswith("<svg")
    assert len(picture.frame()) > 1
    with pytest.raises(tw.SettingError, match="'coefficient-intervals'"):
        run.figure("no such")
    with pytest.raises(tw.SettingError, match=r"\.svg"):
        picture.save(tmp_path / "f.jpg")
    with pytest.raises(tw.SettingError, match=r"end with one of \.zip"):
        run.bundle(tmp_path / "all.tar")


def test_tables_are_found_by_name_and_show_in_notebooks(run, tmp_path):
    sheet = run.table("coefficients")
    assert sheet.save(tmp_path / "t.tex").read_text().startswith("\\begin{table}")
    assert "<table>" in sheet._repr_html_()
    assert sheet.latex().count("&") > 5
