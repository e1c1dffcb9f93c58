"""Which columns matter to the models an answer speaks of, and how, on the rows they were judged on."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from thalweg.select.compare_models import Trained
from thalweg.select.crossval import CrossValidation
from thalweg.select.explaining.column_effects import column_effects
from thalweg.select.explaining.explanation import MOST_COLUMNS, MOST_EFFECTS, Explanation
from thalweg.select.explaining.fold_models import fold_model
from thalweg.select.explaining.importance import SHUFFLES, importances
from thalweg.select.explaining.rows_seen import RowsSeen, rows_seen
from thalweg.select.learning.boosted_trees import BoostedTrees
from thalweg.select.reference import ReferenceModel
from thalweg.select.scoring.leaderboard import Leaderboard
from thalweg.select.scoring.metrics import METRICS
from thalweg.select.scoring.predictions import HeldOutRows

MOST_NUMBERS: Final = 400_000_000  # encoded numbers that importances are computed with, for one model
FEWEST_ROWS: Final = 200


def explain(
    plan: CrossValidation,
    judged: HeldOutRows,
    board: Leaderboard,
    recommended: str,
    chosen: Trained | None,
    linear: Sequence[Sequence[ReferenceModel]],
    boosted: Sequence[BoostedTrees] = (),
) -> tuple[Explanation, ...]:
    """Explain the recommended model, and the network or ensemble the verdict is about if it is another.

    Models of every fold predict the rows they were judged on with each column shuffled, then with each moved: nothing
    is trained, and for large tables an even sample of the rows is enough.

    Parameters
    ----------
    plan
        The folds.
    judged, board
        The held-out rows, and how models did on them.
    recommended
        Name of the model to use; where that uses no column, the linear model is explained in its place.
    chosen
        The chosen networks; None without networks.
    linear, boosted
        Linear models and boosted trees of every view.

    Returns
    -------
    tuple of Explanation
        None for tables of more than :data:`~thalweg.select.explaining.explanation.MOST_COLUMNS` columns.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.compare_models import fit_linear_models, held_out_rows, linear_model_predictions
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.scoring.leaderboard import build_leaderboard
    >>> from thalweg.select.settings import Settings
    >>> plan = cross_validation(pose("example:iris"), Settings(folds=3, networks=()))
    >>> fitted, judged = fit_linear_models(plan), held_out_rows(plan)
    >>> board = build_leaderboard(judged, linear_model_predictions(plan, fitted))
    >>> explain(plan, judged, board, "softmax regression", None, fitted)[0].importances[0].column
    'petal width (cm)'
    """
    if len(plan.views[0].encoder.columns) > MOST_COLUMNS:
        return ()
    first = board.reference if recommended == board.baseline else recommended
    scored = {row.model: np.isfinite(row.scores[board.metric].value) for row in board.rows}
    names = [name for name in dict.fromkeys((first, board.challenger)) if scored.get(name)]
    columns, width = len(plan.views[0].encoder.columns), plan.views[0].sample.x.shape[1]
    seen = rows_seen(plan, judged, max(MOST_NUMBERS // (SHUFFLES * columns * width), FEWEST_ROWS))
    return tuple(_explained(plan, seen, board, name, chosen, linear, boosted) for name in names)


def _explained(
    plan: CrossValidation,
    seen: RowsSeen,
    board: Leaderboard,
    name: str,
    chosen: Trained | None,
    linear: Sequence[Sequence[ReferenceModel]],
    boosted: Sequence[BoostedTrees],
) -> Explanation:
    model = fold_model(name, plan, chosen, linear, boosted)
    found = importances(plan, seen, name, model, METRICS[board.task][board.metric])
    strongest = [one.column for one in found[:MOST_EFFECTS]] if plan.problem.formula is None else []
    effects = column_effects(plan, seen, model, strongest)
    return Explanation(name, board.metric, plan.settings.level, len(seen.places), found, effects)
