"""Words for differences between models, which never say more than an interval does."""

import math
import re

from thalweg.select.scoring.difference import Difference
from thalweg.select.scoring.leaderboard import Leaderboard
from thalweg.select.scoring.metrics import METRICS


def format_sizes(*values: float) -> list[str]:
    """Format numbers alike, with two significant digits for the largest, none but the first rounded to zero.

    Examples
    --------
    >>> format_sizes(0.0123, -0.00312, 0.0271)
    ['0.012', '−0.003', '0.027']
    >>> format_sizes(0.0059, -0.0003, 0.012)
    ['0.0059', '−0.0003', '0.0120']
    """
    sizes = [abs(value) for value in values if 0 < abs(value) < math.inf]
    decimals = 1 - math.floor(math.log10(max(sizes))) if sizes else 1
    ends = [abs(value) for value in values[1:] if 0 < abs(value) < math.inf]
    if ends:  # an end of an interval must show on which side of 0 it is
        decimals = max(decimals, min(-math.floor(math.log10(min(ends))), decimals + 3))
    texts = (f"{value:,.{min(max(decimals, 0), 12)}f}" for value in values)
    return ["−" + text[1:] if text.startswith("-") and text.strip("-0.,") else text.removeprefix("-") for text in texts]


def gain_of(board: Leaderboard, model: str, reference: str) -> Difference | None:
    """Return the difference turned so that positive means the model is better."""
    found = board.difference(model, reference)
    if found is None or METRICS[board.task][board.metric].higher_is_better:
        return found
    return Difference(model, reference, found.metric, -found.estimate, -found.high, -found.low, found.level)


def shown_better(board: Leaderboard, model: str, reference: str) -> bool:
    """Return whether the whole interval says that a model is better than another.

    Examples
    --------
    >>> shown_better(Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100), "", "mean")
    False
    """
    gain = gain_of(board, model, reference) if model and reference else None
    return gain is not None and gain.low > 0


def called(board: Leaderboard, model: str) -> str:
    """Return how a sentence calls a model: networks with an article, nothing in brackets."""
    name = re.sub(r"\s*\([^)]*\)\s*$", "", model)
    return f"the {name}" if board.row(model).family in {"network", "ensemble"} else name


def possessive(name: str) -> str:
    """Return the possessive of a name.

    Examples
    --------
    >>> possessive("ridge regression"), possessive("class shares")
    ("ridge regression's", "class shares'")
    """
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def relation_of(board: Leaderboard, gain: Difference, other: str) -> str:
    """Return "0.012 lower than … (95 % interval: 0.027 lower to 0.003 higher)"."""
    sign = 1 if METRICS[board.task][board.metric].higher_is_better else -1
    estimate, low, high = (sign * value for value in (gain.estimate, gain.low, gain.high))
    size, *ends = format_sizes(*map(abs, (estimate, *sorted((low, high)))))
    relation = f"{size} {_side(estimate)} than {other}" if size.strip("0.") else f"the same as {other} after rounding"
    sides = [_side(value) for value in sorted((low, high))]
    if sides[0] == sides[1]:
        first, last = ends if sides[0] == "higher" else reversed(ends)
        return f"{relation} ({100 * gain.level:g} % interval: {first} to {last} {sides[0]})"
    return f"{relation} ({100 * gain.level:g} % interval: {ends[0]} {sides[0]} to {ends[1]} {sides[1]})"


def _side(difference: float) -> str:
    return "lower" if difference < 0 else "higher"


def capital(text: str) -> str:
    """Return a sentence with a capital letter in front.

    Examples
    --------
    >>> capital("the network")
    'The network'
    """
    return text[:1].upper() + text[1:]


def against_reference(board: Leaderboard, gain: Difference) -> str:
    """Return "The network's log loss is 0.012 lower than … (95 % interval: …)"."""
    label = METRICS[board.task][board.metric].label
    mine, other = (possessive(called(board, model)) for model in (gain.model, gain.reference))
    return capital(f"{mine} {label} is {relation_of(board, gain, other)}")


def without_features(board: Leaderboard) -> str:
    """Return what a model without features does."""
    return "predicting the mean" if board.task == "regression" else "predicting the class shares"
