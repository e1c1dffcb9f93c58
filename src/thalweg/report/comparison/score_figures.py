"""Figures of scores: differences from the linear model, and where their spread comes from."""

import math

from thalweg.report.comparison.tables import difference_table, spread_table
from thalweg.report.drawing.figure import Axis, Figure
from thalweg.report.drawing.layers import Bars, Layer, Line, Points
from thalweg.select.comparison_answer import Answer
from thalweg.select.scoring.metrics import METRICS


def difference_figure(answer: Answer) -> Figure | None:
    """Draw every model's difference from the linear model with its interval; not the baseline's, far off.

    Parameters
    ----------
    answer
        The answer.

    Returns
    -------
    Figure or None
        None if nothing was compared.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> difference_figure(Answer(About("t.csv", "y"), "", "", board)) is None
    True
    """
    board = answer.leaderboard
    shown = [
        d
        for d in board.differences
        if d.reference == board.reference and d.model != board.baseline and math.isfinite(d.estimate)
    ]
    if not shown:
        return None
    metric = METRICS[board.task][board.metric]
    places = tuple(map(float, range(len(shown))))
    clear = sum(not d.contains_zero for d in shown)
    side = "right" if metric.higher_is_better else "left"
    counted = "The interval contains" if len(shown) == 1 else f"{len(shown) - clear} of {len(shown)} intervals contain"
    counted = "The interval excludes" if len(shown) == clear == 1 else counted
    finding = (
        f"Difference in {metric.label} from {board.reference} with {100 * shown[0].level:g} % intervals; "
        f"{side} of 0 is better. {counted} 0."
    )
    estimates = tuple(d.estimate for d in shown)
    layers: tuple[Layer, ...] = (
        Line("", (0.0, 0.0), (-0.5, len(shown) - 0.5), "guide"),
        Bars("", tuple(d.low for d in shown), tuple(d.high for d in shown), places, "first"),
        Points("", estimates, places, "first"),
    )
    x = Axis(f"{metric.label} minus that of {board.reference} ({side} of 0: better)")
    names = Axis("", categories=tuple(d.model for d in shown))
    return Figure("differences", finding, x, names, layers, difference_table(answer))


def spread_figure(answer: Answer) -> Figure:
    """Draw the standard deviation of the primary metric between splits and between seeds.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> spread_figure(Answer(About("t.csv", "y"), "", "", board)).name
    'spread'
    """
    board = answer.leaderboard
    metric = METRICS[board.task][board.metric]
    spreads = [row.scores[metric.name].spread for row in board.rows]
    places = tuple(map(float, range(len(spreads))))
    layers = (
        Points("another split, same seed", tuple(s.split_sd for s in spreads), places, "first"),
        Points("another seed, same split", tuple(s.seed_sd for s in spreads), places, "second", hollow=True),
    )
    x = Axis(f"standard deviation of {metric.label} of one fit", low=0.0)
    names = Axis("", categories=tuple(row.model for row in board.rows))
    return Figure("spread", spread_finding(answer), x, names, layers, spread_table(answer))


def spread_finding(answer: Answer) -> str:
    """Say in a sentence whether split or seed moves the network's primary metric more.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> spread_finding(Answer(About("t.csv", "y"), "", "", board))
    'Where the spread of RMSE comes from. No model was trained with several seeds.'
    """
    board = answer.leaderboard
    metric = METRICS[board.task][board.metric]
    name = board.network
    spread = board.row(name).scores[metric.name].spread if name else None
    opening = f"Where the spread of {metric.label} comes from."
    if spread is None or spread.dominant == "unknown":
        return f"{opening} No model was trained with several seeds."
    larger, smaller = ("split", "seed") if spread.dominant == "split" else ("seed", "split")
    sizes = {"split": spread.split_sd, "seed": spread.seed_sd}
    other = f"another {smaller} by {sizes[smaller]:.2g}" if sizes[smaller] else f"the {smaller} adds nothing"
    folds, seeds = max(board.folds, 1), max(board.row(name).seeds, 1)
    means = {"split": spread.split_sd / math.sqrt(folds), "seed": spread.seed_sd / math.sqrt(folds * seeds)}
    printed = f"another split by less than {means['split']:.2g}" if means["split"] else "the split adds nothing"
    return (
        f"{opening} {name[:1].upper()}{name[1:]}: in one fold, another {larger} changes it by {sizes[larger]:.2g} "
        f"(standard deviation), {other}; in the mean over {folds} folds and {seeds} seeds, which is printed, {printed} "
        f"and other seeds by {means['seed']:.2g}."
    )
