import numpy as np
import pytest

from thalweg.base.errors import TrainingError
from thalweg.base.run_folder import RunFolder
from thalweg.jobs.populations import keeping, train_kept
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.population import Member, training_table

X = np.linspace(-1, 1, 64)[:, None]
TABLE = training_table(X, X**2)
MEMBERS = [Member(mlp((4,)), Squared(), np.arange(64), seed=seed, epochs=3) for seed in range(3)]


def test_populations_are_kept_apart_and_read_in_the_same_order(tmp_path):
    folder, told = RunFolder(tmp_path), []
    folder.open({"job": "test"})
    train = keeping(folder, "effects", 1, lambda stage, progress: told.append((stage, progress.members)))
    first = [train(TABLE, MEMBERS[:2]), train(TABLE, MEMBERS)]
    assert [path.name for path in sorted((tmp_path / "members").iterdir())] == ["effects-01", "effects-02"]
    assert {stage for stage, _ in told} == {"effects"}
    again = keeping(folder, "effects", 1, None)
    for fit in first:
        found = again(TABLE, [member for member, _ in zip(MEMBERS, fit.members, strict=False)])
        assert all(a.same_numbers(b) for a, b in zip(fit.members, found.members, strict=True))
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
        train_kept(TABLE, MEMBERS, name="a", stage="a", folder=folder, workers=1, watch=press)
    if folder is not None:
        folder.close()
