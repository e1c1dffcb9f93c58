from dataclasses import replace

import numpy as np
import pytest

from thalweg.base.errors import TrainingError
from thalweg.base.run_folder import RunFolder
from thalweg.jobs import populations
from thalweg.jobs.populations import Keeper, Kept, TimeOverError
from thalweg.jobs.study import run_study
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table
from thalweg.train.running.limit import ending_at

X = np.linspace(-1, 1, 64)[:, None]
TABLE = training_table(X, X**2)
MEMBERS = [Member(mlp((4,)), Squared(), np.arange(64), seed=seed, epochs=3) for seed in range(3)]


def test_members_are_kept_by_what_decides_their_numbers(tmp_path):
    folder, told = RunFolder(tmp_path), []
    folder.open({"job": "test"})
    keeper = Keeper(folder, "effects")
    first = keeper.train(TABLE, MEMBERS[1:], "all", 1, lambda stage, progress: told.append((stage, progress.members)))
    first = first.members
    assert {stage for stage, _ in told} == {"all"}
    keeper.train(TABLE, MEMBERS[1:], "again", 1, None)
    assert keeper.work.networks == 2
    other_keeper = Keeper(folder, "effects")

    def again(table, members):
        return other_keeper.train(table, members, "again", 1, None)

    with ending_at(0.0):  # nothing can be trained: what comes was kept
        found = again(TABLE, MEMBERS[:0:-1]).members
        assert [fit.number for fit in found] == [0, 1]
        assert all(a.same_numbers(b) for a, b in zip(first, reversed(found), strict=True))
        for other in (training_table(X, X**3), TABLE):
            with pytest.raises(TimeOverError, match="when 0 of 1"):
                again(other, MEMBERS[1:2] if other is not TABLE else [replace(MEMBERS[1], epochs=4)])
    assert other_keeper.work == keeper.work
    folder.close()


@pytest.mark.parametrize("kept", [True, False])
def test_an_interruption_says_what_is_kept(tmp_path, kept):
    def press(*_):
        raise KeyboardInterrupt

    folder = RunFolder(tmp_path) if kept else None
    if folder is not None:
        folder.open({"job": "test"})
    words = "of 3 networks are done and kept" if kept else "nothing is kept"
    with pytest.raises(TrainingError, match=words):
        Kept(folder, "a").train(TABLE, MEMBERS, stage="a", workers=1, watch=press)
    if folder is not None:
        folder.close()


def test_an_interrupted_study_is_continued_without_training_again(tmp_path, monkeypatch):
    tiny = {"hidden": 4, "epochs": 3, "seeds": 2, "permutations": 3, "resamples": 2}
    asked, trained = [], []

    def press(stage, _):
        if stage == "resampled rows":
            raise KeyboardInterrupt

    def counted(table, members, **told):
        asked.append(len(members))
        trained.append(len(members) - len(told["done"]))
        return fit_population(table, members, **told)

    whole = run_study("guide", "example:iris", workers=1, watch=False, **tiny)
    monkeypatch.setattr(populations, "fit_population", counted)
    with pytest.raises(TrainingError, match=r"kept in .*run\. Give the same command again to continue"):
        run_study("guide", "example:iris", workers=1, watch=press, out=tmp_path / "run", **tiny)
    asked.clear()
    kept = sum(trained[:-1])  # the last population was at work
    trained.clear()
    again = run_study("guide", "example:iris", workers=1, watch=False, out=tmp_path / "run", **tiny)
    assert kept > 0
    assert sum(trained) <= sum(asked) - kept
    assert again.to_dict()["study"] == whole.to_dict()["study"]
    assert again.frame().equals(whole.frame())
