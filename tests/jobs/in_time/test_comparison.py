import time

import numpy as np
import pytest

import thalweg as tw
from thalweg.base.run_folder import RunFolder
from thalweg.jobs.in_time import comparison

NETWORKS = [{"hidden": [4]}, {"hidden": [6]}]
ASKED = {"folds": 2, "networks": NETWORKS, "epochs": 4, "patience": 2, "workers": 1, "trees": 2}


@pytest.fixture
def stages(monkeypatch):
    """Let the time be over after so many populations: it decides nothing else."""

    train = comparison.Kept.train

    def over_after(populations):
        left = iter(range(populations))

        def counted(kept, table, members, **told):
            over = next(left, None) is None
            with comparison.ending_at(0.0 if over else float("inf")):
                return train(kept, table, members, **told)

        monkeypatch.setattr(comparison.Kept, "train", counted)

    return over_after


@pytest.mark.parametrize(
    ("populations", "seeds", "networks"),
    [(2, 1, NETWORKS[:1]), (4, 1, NETWORKS), (7, 2, NETWORKS)],
)
def test_an_answer_in_time_is_that_of_a_smaller_design_number_by_number(stages, populations, seeds, networks):
    asked = tw.fit("example:wine", **(ASKED | {"networks": networks}), seeds=seeds)
    stages(populations)
    found = tw.fit("example:wine", **ASKED, seeds=3, time_limit="1h")
    assert found.frame().equals(asked.frame())
    assert found.sentence == asked.sentence
    [note] = [note for note in found.answer.about.notes if note.code == "time_limit"]
    assert f"{seeds} of 3 seeds" in note.text
    assert ("1 of 2 networks" in note.text) == (len(networks) == 1)
    assert note.text in found.text().replace("\n", " ")
    assert f"{seeds} seeds x {len(networks)} networks" in found.answer.about.repeat["design"]
    assert "time_limit" not in {note.code for note in asked.answer.about.notes}


def test_without_one_network_linear_models_stand_alone(stages):
    stages(0)
    found = tw.fit("example:wine", **ASKED, seeds=2, time_limit=3600)
    alone = tw.fit("example:wine", folds=2, hidden=0, trees=2)
    assert found.frame().equals(alone.frame())
    assert any("linear models stand alone" in note.text for note in found.answer.about.notes)


def test_the_same_command_goes_on_to_the_numbers_of_an_unlimited_run(stages, tmp_path):
    asked = tw.fit("example:wine", **ASKED, seeds=2)
    stages(4)
    cut = tw.fit("example:wine", **ASKED, seeds=2, out=tmp_path / "run", time_limit="1h")
    assert "same command again" in cut.text().replace("\n", " ")
    loaded = tw.load(tmp_path / "run")
    assert loaded.sentence == cut.sentence
    assert not RunFolder(tmp_path / "run").over
    stages(9)
    whole = tw.fit("example:wine", **ASKED, seeds=2, out=tmp_path / "run")
    assert whole.frame().equals(asked.frame())
    assert RunFolder(tmp_path / "run").over
    same = tw.fit("example:wine", **ASKED, seeds=2, out=tmp_path / "run", time_limit="1s")
    assert same.sentence == whole.sentence
    assert whole.answer.about.repeat["work"] == asked.answer.about.repeat["work"]
    assert asked.answer.about.repeat["work"].startswith("14 networks of ")  # 2 folds x 2 x 2, and chosen 3 x 2
    assert asked.answer.about.repeat["work"] in " ".join(asked.text().split())
    assert asked.answer.about.repeat["work"] in (tmp_path / "run" / "report.html").read_text()
    assert tw.replay(tmp_path / "run", 5).same


def test_what_was_trained_in_time_is_not_trained_again(stages, tmp_path, monkeypatch):
    trained = []
    add = comparison.Kept.add
    monkeypatch.setattr(comparison.Kept, "add", lambda kept, fit: (trained.append(fit.number), add(kept, fit)))
    asked = ASKED | {"networks": NETWORKS[:1], "seeds": 3, "out": tmp_path / "run"}
    stages(2)
    tw.fit("example:wine", **asked, time_limit="1h")
    assert len(trained) == 2 + 3  # 2 folds; those chosen for 2 folds and all rows
    stages(2)  # the two that are there already: nothing new fits
    tw.fit("example:wine", **asked, time_limit="1h")
    assert len(trained) == 5
    stages(4)
    again = tw.fit("example:wine", **asked, time_limit="1h")
    assert "2 of 3 seeds" in " ".join(again.text().split())
    assert len(trained) >= 5 + 2 + 3


@pytest.mark.parametrize("workers", [1, 2])
def test_a_job_ends_about_when_it_has_to(workers):
    rows = np.random.default_rng(0).normal(size=(4000, 6))
    started = time.monotonic()
    found = tw.fit(rows, rows[:, 0] ** 2, seeds=40, epochs=2000, patience=2000, workers=workers, time_limit=3.0)
    assert time.monotonic() - started < 6.0  # other tests are at work on these cores
    assert any(note.code == "time_limit" for note in found.answer.about.notes)


def test_where_time_is_too_short_for_boosting_it_is_left_out_and_the_same_command_adds_it(tmp_path, monkeypatch):
    few = {"folds": 2, "hidden": 0, "trees": 3, "out": tmp_path / "run"}
    monkeypatch.setattr("thalweg.jobs.compare.BOOSTING_SHARE", -1.0)
    early = tw.fit("example:wine", **few, time_limit="1h")
    assert "gradient boosting" not in early.models
    assert "The time limit of 1 h left no room for gradient boosting." in early.text().replace("\n", " ")
    monkeypatch.undo()
    assert "gradient boosting" in tw.fit("example:wine", **few, time_limit="1h").models
