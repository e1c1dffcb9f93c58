"""Effects from Python: the summary, the folder, and reading it back."""

import numpy as np
import pandas as pd
import pytest

import thalweg as tw
from effects.experiments import NAMES, table
from thalweg.data.reading.fingerprint import table_fingerprint
from thalweg.effects.links.curve import own_curve
from thalweg.effects.links.link import Link
from thalweg.jobs.effects.groups import table_of_run
from thalweg.train.store import MemberStore

TINY = {"epochs": 8, "folds": 2, "repeats": 2, "workers": 1, "hidden": (8,), "ridge": (5e-6,)}


@pytest.fixture(scope="module")
def frame():
    return table()[0].assign(firm=np.arange(900) % 60, count=1.0 + np.arange(900) % 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs") / "trial"


@pytest.fixture(scope="module")
def summary(frame, folder):
    return tw.fit_effects(frame, **NAMES, clusters="firm", weights="count", out=folder, **TINY)


def test_an_answer_is_read_back_whole(summary, folder):
    again, first = tw.load(folder).answer, summary.answer
    for method in ("effects", "best", "design"):
        assert getattr(again, method)() == getattr(first, method)()
    assert again.effects(at_once=True, adjust="holm") == first.effects(at_once=True, adjust="holm")
    assert again.contrast("11", "01") == first.contrast("11", "01")
    assert again.notes == first.notes
    pd.testing.assert_frame_equal(again.compare(), first.compare())
    np.testing.assert_array_equal(again.scores, first.scores)
    gain = np.where(np.arange(900) % 2, "11", "01")
    assert again.policy(gain) == first.policy(gain)


def test_cells_are_left_out_from_a_folder_too(summary, folder):
    estimator = tw.DeDL(**TINY)
    assert estimator.leave_one_cell_out(tw.load(folder).answer) == estimator.leave_one_cell_out(summary.answer)


def test_without_a_folder_the_numbers_are_the_same(summary, frame):
    alone = tw.fit_effects(frame, **NAMES, clusters="firm", weights="count", **TINY)
    assert alone.effects == summary.effects
    assert alone.to_dict()["comparison"] == summary.to_dict()["comparison"]


@pytest.mark.usefixtures("summary")
def test_the_same_call_reads_what_is_there(frame, folder, monkeypatch):
    def never(*_args, **_kwargs):
        raise AssertionError("trained again")

    monkeypatch.setattr(tw.DeDL, "fit", never)
    again = tw.fit_effects(frame, **NAMES, clusters="firm", weights="count", out=folder, **TINY)
    assert again.best.combination in {"01", "10", "11"}
    with pytest.raises(tw.RunFolderError, match=r"level is 0\.95, this command's is 0\.9"):
        tw.fit_effects(frame, **NAMES, clusters="firm", weights="count", level=0.9, out=folder, **TINY)


@pytest.mark.usefixtures("summary")
def test_the_number_of_processes_is_no_other_run(frame, folder):
    tw.fit_effects(frame, **NAMES, clusters="firm", weights="count", out=folder, **TINY | {"workers": 2})


@pytest.mark.usefixtures("summary")
def test_a_run_from_memory_asks_for_its_table(frame, folder):
    with pytest.raises(tw.SettingError, match="made from a table in memory"):
        table_of_run(folder)
    assert table_fingerprint(table_of_run(folder, frame).frame) == table_fingerprint(frame)
    with pytest.raises(tw.DataError, match="fingerprint"):
        table_of_run(folder, frame.head(800))


def test_a_link_of_ones_own_needs_no_folder_and_gets_none(frame, tmp_path):
    arctan = Link("arctan", own_curve("arctan", np.arctan, lambda u: 1 / (1 + u * u)), low=-5.0, height=10.0)
    with pytest.warns(UserWarning, match="'a, a′ = arctan.* has no native form"):  # a function on arrays
        found = tw.fit_effects(frame, **NAMES, link=arctan, **TINY)
    assert found.answer.fit.model.link is arctan
    with pytest.raises(tw.SettingError, match="'arctan' is not a named one"):
        tw.fit_effects(frame, **NAMES, link=arctan, out=tmp_path / "run", **TINY)
    assert not (tmp_path / "run").exists()


def test_several_links_and_known_constants_are_kept(frame, tmp_path):
    settings = TINY | {"link": ("sigmoid", "sigmoid2"), "repeats": 1}
    tw.fit_effects(frame, **NAMES, out=tmp_path / "a", **settings)
    assert set(tw.load(tmp_path / "a").answer.link_losses) == {"sigmoid", "sigmoid2"}
    known = TINY | {"link": "sigmoid", "height": 20.0, "repeats": 1}
    tw.fit_effects(frame, **NAMES, out=tmp_path / "b", **known)
    assert tw.load(tmp_path / "b").answer.fit.model.link.height == 20.0


def test_cells_left_out_come_back_from_the_folder(frame, tmp_path):
    call = {**NAMES, "link": "linear", "leave_out": True, "out": tmp_path / "run", **TINY}
    first = tw.fit_effects(frame, **call)
    assert [cell.combination for cell in first.left_out] == ["01", "10", "11"]
    assert tw.fit_effects(frame, **call).left_out == first.left_out


def test_settings_that_do_not_exist_are_refused(frame):
    with pytest.raises(tw.SettingError, match=r"no setting 'fold'\. Did you mean 'folds'"):
        tw.fit_effects(frame, **NAMES, fold=3)


def test_a_failed_write_keeps_the_networks(frame, tmp_path, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError("No space left on device")

    monkeypatch.setattr("thalweg.answers.effects.page_html", full)
    with pytest.raises(OSError, match="No space"):
        tw.fit_effects(frame, **NAMES, out=tmp_path / "run", link="linear", **TINY)
    kept = sorted((tmp_path / "run" / "members").rglob("*.safetensors"))
    assert kept
    monkeypatch.undo()
    tw.fit_effects(frame, **NAMES, out=tmp_path / "run", link="linear", **TINY)
    assert sorted((tmp_path / "run" / "members").rglob("*.safetensors")) == kept


@pytest.mark.parametrize("networks", [1, 3, 5])
def test_a_run_cut_off_goes_on_where_it_was(frame, tmp_path, networks, monkeypatch):
    settings = TINY | {"ridge": (5e-6, 1e-3)}
    question = {**NAMES, "clusters": "firm", "weights": "count", **settings}
    whole = tw.fit_effects(frame, **question)
    add, kept = MemberStore.add, []

    def add_until(store, fit):
        add(store, fit)
        kept.append(fit.number)
        if len(kept) == networks:
            raise MemoryError

    monkeypatch.setattr(MemberStore, "add", add_until)
    with pytest.raises(tw.SettingError, match="Memory ran out"):
        tw.fit_effects(frame, **question, out=tmp_path / "cut")
    monkeypatch.setattr(MemberStore, "add", lambda store, fit: (kept.append(fit.number), add(store, fit)))
    again = tw.fit_effects(frame, **question, out=tmp_path / "cut")
    folders = sorted((tmp_path / "cut" / "members").iterdir())
    assert len(kept) == sum(len(MemberStore(folder).read()) for folder in folders), "something was trained twice"
    assert again.to_dict()["effects"] == whole.to_dict()["effects"]
