"""The effect of a treatment that units chose, in a limited time, watched, interrupted and continued."""

import pytest

import thalweg as tw
from effects.one_treatment.test_observed import chosen
from thalweg.jobs.effects import observed
from thalweg.train.running.limit import ending_at

ASKED = {"target": "y", "treatments": "t", "folds": 2, "epochs": 3, "workers": 1}


@pytest.fixture
def splits(monkeypatch):
    """Let the time be over after so many answers."""

    observe = observed.observe

    def over_after(answers):
        left = iter(range(answers))

        def counted(*args, **roles):
            over = next(left, None) is None
            with ending_at(0.0 if over else float("inf")):
                return observe(*args, **roles)

        monkeypatch.setattr(observed, "observe", counted)

    return over_after


def test_an_answer_in_time_is_that_of_fewer_splits_and_the_same_command_goes_on(splits, tmp_path):
    table = chosen(rows=300)
    two, three = (tw.fit_observed(table, **ASKED, repeats=repeats) for repeats in (2, 3))
    splits(2)
    found = tw.fit_observed(table, **ASKED, repeats=3, time_limit="1h", out=tmp_path / "run")
    assert found.frame().equals(two.frame())
    assert "after 2 of 3 splits. Give the same command again" in " ".join(found.text().split())
    assert tw.load(tmp_path / "run").frame().equals(two.frame())
    splits(9)
    whole = tw.fit_observed(table, **ASKED, repeats=3, out=tmp_path / "run")
    assert whole.frame().equals(three.frame())


def test_without_one_split_there_is_no_answer(splits):
    splits(0)
    with pytest.raises(tw.TrainingError, match=r"over before one split was complete.*learners were done.*time_limit"):
        tw.fit_observed(chosen(rows=300), **ASKED, repeats=3, time_limit="1h")


def test_progress_is_told_and_an_interrupted_run_goes_on_from_its_networks(tmp_path):
    table, seen = chosen(rows=300), []

    def watch(stage, progress):
        seen.append((stage, progress.members))

    asked = ASKED | {"repeats": 2}
    whole = tw.fit_observed(table, **asked, watch=watch)
    assert {stage for stage, _ in seen} == {"observed"}
    assert len({of for _, of in seen}) > 1  # learners, and populations of networks

    trained = []

    def late(_, progress):
        trained.append(progress.steps > progress.members)  # networks take steps, other learners are told one by one
        if any(trained) and not trained[-1]:
            raise KeyboardInterrupt

    with pytest.raises(tw.TrainingError, match="Interrupted"):
        tw.fit_observed(table, **asked, watch=late, out=tmp_path / "run")
    assert any((tmp_path / "run" / "members").rglob("*"))
    again = tw.fit_observed(table, **asked, out=tmp_path / "run")
    assert again.frame().equals(whole.frame())
