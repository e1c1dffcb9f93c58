"""Where a page goes: looked at before the work, and no reason to lose an answer."""

from pathlib import Path

import pytest

import thalweg as tw
from thalweg.answers.showing import ending_of, page_place

needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is full")


def test_folders_and_nothing_are_no_pages():
    assert page_place(None) is None
    assert page_place("runs/first") is None


def test_a_page_is_refused_before_the_table_is_read(tmp_path):
    (tmp_path / "taken").write_text("")
    for job in (tw.fit_linear, tw.fit_observed, lambda *given, **asked: tw.run_study("race", *given, **asked)):
        with pytest.raises(tw.RunFolderError, match="cannot be written: Not a directory"):
            job("no_such_table.csv", target="y", out=tmp_path / "taken" / "page.html")


@needs_full
def test_a_page_that_finds_no_space_is_a_warning_and_the_answer_is_returned(tmp_path):
    (tmp_path / "page.html").symlink_to("/dev/full")
    with pytest.warns(RuntimeWarning, match="No space left .* The answer is returned without its page"):
        run = tw.fit_linear("example:diabetes", out=tmp_path / "page.html")
    assert run.estimates.nobs == 442


def test_an_ending_is_told_by_the_name_it_was_given_under():
    with pytest.raises(tw.SettingError, match=r"bundle must end with one of \.zip, got 'a\.txt'"):
        ending_of(Path("a.txt"), ("zip",), "bundle")
