import json

import pytest

import thalweg as tw
from thalweg.study import watching
from thalweg.train.running.limit import ending_at

QUICK = {"hidden": 4, "epochs": 2, "workers": 1}


@pytest.fixture
def populations(monkeypatch):
    """Let the time be over after so many populations."""

    def over_after(count):
        left = iter(range(count))

        def counted(trainer):
            def train(*population):
                with ending_at(0.0 if next(left, None) is None else float("inf")):
                    return trainer(*population)

            return watching.trained_by(train)

        monkeypatch.setattr("thalweg.jobs.in_time.study.trained_by", counted)

    return over_after


def test_a_study_in_time_has_fewer_seeds_and_goes_on(populations, tmp_path):
    two, five = (tw.run_study("boundary", "example:iris", **QUICK, seeds=seeds) for seeds in (2, 5))
    populations(3)  # networks of no, one and two hidden layers
    found = tw.run_study("boundary", "example:iris", **QUICK, seeds=5, time_limit="1h", out=tmp_path / "run")
    assert found.frame().equals(two.frame())
    assert "it is that of 2 of 5 seeds. Give the same command again" in " ".join(found.text().split())
    assert "2 of 5 seeds" in found.report(tmp_path / "page.html").read_text()
    populations(9)
    whole = tw.run_study("boundary", "example:iris", **QUICK, seeds=5, out=tmp_path / "run")
    assert whole.frame().equals(five.frame())
    assert "time limit" not in json.dumps(whole.to_dict())


def test_a_study_that_fits_is_the_one_asked_for():
    found = tw.run_study("boundary", "example:iris", **QUICK, seeds=3, time_limit="10m")
    assert found.frame().equals(tw.run_study("boundary", "example:iris", **QUICK, seeds=3).frame())
    assert "time limit" not in found.repeat


def test_a_study_without_time_for_its_smallest_form_says_so(populations):
    populations(0)
    with pytest.raises(tw.TrainingError, match="over before the study 'race' was complete in its smallest form"):
        tw.run_study("race", "example:iris", **QUICK, time_limit="1h")


def test_a_study_without_seeds_runs_whole():
    assert tw.run_study("backprop", "example:iris", **QUICK, time_limit="10m").repeat.keys().isdisjoint({"time limit"})
