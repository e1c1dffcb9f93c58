import numpy as np
import pytest

from thalweg.select.certificate_records import LinearCertificate
from thalweg.select.comparison_answer import About, build_answer
from thalweg.select.remarks import FEWEST_GROUPS, FEWEST_ROWS, concentration, remarks
from thalweg.select.scoring.leaderboard import build_leaderboard
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions

RNG = np.random.default_rng(5)


def said(task="regression", rows=FEWEST_ROWS, error=1.0, groups=None, separation="none"):
    """Codes of the remarks on a linear model whose predictions miss by so much."""
    y = RNG.standard_normal(rows) if task == "regression" else np.arange(rows) % 2
    if task == "regression":
        values = (y + error * RNG.standard_normal(rows))[None, :, None]
        held_out = HeldOutRows(task, y, np.arange(rows) % 5, "ridge regression", groups=groups)
    else:
        right = np.where(RNG.random(rows) < error, 1 - y, y)
        values = np.eye(2)[right][None] * 0.8 + 0.1
        held_out = HeldOutRows(task, y, np.arange(rows) % 5, "ridge regression", ("no", "yes"), groups=groups)
    models = [ModelPredictions("ridge regression", "linear", values)]
    certificate = LinearCertificate("ridge regression", "", "exact", 6, 0, 0, "", 3, 3, 1, separation, 1)
    notes = remarks(held_out, models, build_leaderboard(held_out, models), [certificate])
    answer = build_answer(held_out, models, About("t", "y"), certificates=[certificate])
    assert answer.about.notes == tuple(notes)
    assert all(note.doubt in answer.verdict for note in notes)
    return [note.code for note in notes]


def test_nothing_is_said_of_enough_rows_and_honest_scores():
    assert said() == said("binary", error=0.2) == []


@pytest.mark.parametrize("count", [FEWEST_ROWS - 1, 30])
def test_few_rows_are_told_and_weaken_the_sentence(count):
    assert said(rows=count) == ["few_rows"]


def test_few_groups_are_told():
    assert said(groups=np.arange(FEWEST_ROWS) % (FEWEST_GROUPS - 1)) == ["few_rows"]
    assert said(groups=np.arange(FEWEST_ROWS) % FEWEST_GROUPS) == []


def test_scores_too_good_to_be_true_are_told():
    assert said(error=1e-3) == said("binary", error=0.0) == ["exact_model"]
    assert said(error=0.05) == said("binary", error=0.05) == []


def test_separated_classes_are_told_unless_scores_say_it_already():
    assert said("binary", error=0.2, separation="x separates the answers completely") == ["separated_classes"]
    assert said("binary", error=0.2, separation="x separates the answers in part (3 of 100 rows)") == []
    assert said("binary", error=0.0, separation="x separates the answers completely") == ["exact_model"]


def test_outliers_that_decide_are_told():
    y = RNG.standard_normal(300)
    far = np.where(np.arange(300) < 3, 30.0, 0.0) + y
    assert concentration(np.square(y)) < 0.2
    for outcome, expected in ((y, []), (far, ["heavy_rows"])):
        held_out = HeldOutRows("regression", outcome, np.arange(300) % 5, "ridge regression")
        noisy = [(y + scale * RNG.standard_normal(300))[None, :, None] for scale in (0.5, 0.8)]
        models = [
            ModelPredictions("network", "network", noisy[0]),
            ModelPredictions("ridge regression", "linear", noisy[1]),
        ]
        answer = build_answer(held_out, models, About("t", "y"))
        assert [note.code for note in answer.about.notes] == expected
        assert all(note.doubt in answer.verdict for note in answer.about.notes)
