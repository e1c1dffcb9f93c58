"""What the comparison shows, in one plain sentence that never says more than the interval does."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from thalweg.select.scoring.difference import Difference
from thalweg.select.scoring.leaderboard import Leaderboard
from thalweg.select.scoring.metrics import METRICS


@dataclass(frozen=True, slots=True)
class Judgement:
    """Outcome of the comparison.

    Parameters
    ----------
    case
        "better", "worse" or "no evidence" of the network against the linear model; "doubtful" if it is better on
        these rows and something speaks against its being so on new ones; "linear only" without a network; "nothing"
        if neither is shown to beat the baseline; "unknown" if the network could not be scored.
    recommended
        Name of the model to use.

    Examples
    --------
    >>> Judgement("worse", "ridge regression").recommended
    'ridge regression'
    """

    case: str
    recommended: str


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


def _gain(board: Leaderboard, model: str, reference: str) -> Difference | None:
    """Return the difference turned so that positive means the model is better."""
    found = board.difference(model, reference)
    if found is None or METRICS[board.task][board.metric].higher_is_better:
        return found
    return Difference(model, reference, found.metric, -found.estimate, -found.high, -found.low, found.level)


def _shown_better(board: Leaderboard, model: str, reference: str) -> bool:
    gain = _gain(board, model, reference) if model and reference else None
    return gain is not None and gain.low > 0


def judge(board: Leaderboard, doubts: Sequence[str] = ()) -> Judgement:
    """Decide which case of the verdict holds and which model to recommend.

    A model is called better only if the whole interval says so; in doubt the linear model is recommended.

    Parameters
    ----------
    board
        The leaderboard.
    doubts
        Why scores on these rows may not hold for new ones.

    Returns
    -------
    Judgement
        Case and recommended model.

    Examples
    --------
    >>> judge(Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100))
    Judgement(case='linear only', recommended='ridge regression')
    """
    reference, baseline, network = board.reference, board.baseline, board.challenger
    beats = {model for model in (reference, network) if _shown_better(board, model, baseline)}
    gain = _gain(board, network, reference) if network else None
    if baseline and not beats:
        return Judgement("nothing", baseline)
    if gain is None:
        return Judgement("linear only", reference)
    if math.isnan(gain.estimate):
        return Judgement("unknown", reference)
    if gain.low > 0:
        return Judgement("doubtful", reference) if doubts else Judgement("better", network)
    if gain.high < 0:
        return Judgement("worse", reference)
    return Judgement("no evidence", network if baseline and reference not in beats else reference)


def _spoken(board: Leaderboard, model: str) -> str:
    name = re.sub(r"\s*\([^)]*\)\s*$", "", model)
    return f"the {name}" if board.row(model).family in {"network", "ensemble"} else name


def _possessive(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _relation(board: Leaderboard, gain: Difference, other: str) -> str:
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


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _against_reference(board: Leaderboard, gain: Difference) -> str:
    label = METRICS[board.task][board.metric].label
    mine, other = (_possessive(_spoken(board, model)) for model in (gain.model, gain.reference))
    return _capital(f"{mine} {label} is {_relation(board, gain, other)}")


def _without_features(board: Leaderboard) -> str:
    return "predicting the mean" if board.task == "regression" else "predicting the class shares"


def _nothing(board: Leaderboard) -> str:
    label = METRICS[board.task][board.metric].label
    other = _possessive("the mean" if board.task == "regression" else "the class shares")
    parts = []
    for model in (board.reference, board.challenger):
        gain = _gain(board, model, board.baseline) if model else None
        if gain is not None and not math.isnan(gain.estimate):
            mine = _possessive(_spoken(board, model))
            parts.append(f"{mine} {label} is {_relation(board, gain, other)}")
    return f"Nothing here is shown to beat {_without_features(board)}: {' and '.join(parts)}."


def _left_out(board: Leaderboard) -> str:
    """Return a further sentence if the network's scores rest on a selection of its fits."""
    row = board.row(board.network) if board.network else None
    if row is None or not row.left_out:
        return ""
    fits = row.seeds * board.folds
    return f" {row.left_out} of the network's {fits} fits gave no finite predictions and are left out."


def _linear_only(board: Leaderboard) -> str:
    gain = _gain(board, board.reference, board.baseline)
    if gain is None:
        return f"Only {board.reference} was fitted; there is nothing to compare it with."
    label = METRICS[board.task][board.metric].label
    relation = _relation(board, gain, f"that of {_without_features(board)}")
    subject = _capital(_possessive(_spoken(board, board.reference)))
    return f"{subject} {label} is {relation}: the interval excludes 0, so its features help to predict."


def _in_doubt(doubts: Sequence[str]) -> str:
    """Return a further sentence that takes back what the rows at hand cannot show."""
    return f" Whether any of this holds for new rows is in doubt: {'; '.join(doubts)}." if doubts else ""


def verdict(board: Leaderboard, doubts: Sequence[str] = ()) -> str:
    """Say in one sentence what the comparison of the network with the linear model shows, and what to use.

    Parameters
    ----------
    board
        The leaderboard.
    doubts
        Why scores on these rows may not hold for new ones, as clauses; the sentence then claims nothing of new rows.

    Returns
    -------
    str
        The sentence; its interval is that of :func:`~thalweg.select.scoring.difference.compare`.

    Examples
    --------
    >>> verdict(Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100))
    'Only ridge regression was fitted; there is nothing to compare it with.'
    """
    judgement = judge(board, doubts)
    case, doubt = judgement.case, _in_doubt(doubts)
    if case == "linear only":
        return _linear_only(board) + doubt
    if case == "nothing":
        return _nothing(board) + _left_out(board) + doubt
    gain = _gain(board, board.challenger, board.reference)
    network, linear = _spoken(board, board.challenger), _spoken(board, board.reference)
    if case == "unknown" or gain is None:
        return f"{_capital(network)} cannot be compared with {linear}.{_left_out(board)}"
    unclear = f"contains 0, so there is no evidence that {network} is better"
    if case == "doubtful":
        says = f"excludes 0, which shows nothing of new rows: {'; '.join(doubts)}. Until that is settled, use {linear}"
        doubt = ""
    elif case == "better":
        later = "later rows " if board.in_time else ""
        says = f"excludes 0, so {network} predicts {later}better on tables like this one"
    elif case == "worse":
        says = f"excludes 0, so {linear} predicts better; use it, the simpler model"
    elif judgement.recommended == board.reference:
        says = f"{unclear}; use {linear}, the simpler model"
    else:
        says = f"{unclear}; but only {network} is shown to beat {_without_features(board)}"
    return f"{_against_reference(board, gain)}: the interval {says}.{_left_out(board)}{doubt}"
