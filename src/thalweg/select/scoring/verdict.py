"""What the comparison shows, in one plain sentence that never says more than the interval does."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from thalweg.select.scoring.difference import Difference
from thalweg.select.scoring.difference_words import (
    against_reference,
    called,
    capital,
    gain_of,
    possessive,
    relation_of,
    shown_better,
    without_features,
)
from thalweg.select.scoring.leaderboard import Leaderboard
from thalweg.select.scoring.metrics import METRICS


@dataclass(frozen=True, slots=True)
class Judgement:
    """Outcome of the comparison.

    Parameters
    ----------
    case
        "better", "worse" or "no evidence" of network and boosting against the linear model; "tied" if both are better
        and cannot be told apart; "doubtful" if one is better on these rows and something speaks against its being so on
        new ones; "linear only" without either; "nothing" if no model is shown to beat the baseline; "unknown" if
        neither could be scored.
    recommended
        Name of the model to use.

    Examples
    --------
    >>> Judgement("worse", "ridge regression").recommended
    'ridge regression'
    """

    case: str
    recommended: str


def judge(board: Leaderboard, doubts: Sequence[str] = ()) -> Judgement:
    """Decide which case of the verdict holds and which model to recommend.

    A model is called better only if the whole interval says so. The linear model is recommended unless another is shown
    better than it; of two that are, the one shown better than the other; and if they cannot be told apart, or in doubt,
    the simplest, in the order linear model, gradient boosting, networks.

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
    reference, baseline = board.reference, board.baseline
    contenders = [model for model in (board.boosting, board.challenger) if model]
    beats = [model for model in (reference, *contenders) if shown_better(board, model, baseline)]
    gains = [gain for model in contenders if (gain := gain_of(board, model, reference)) is not None]
    if baseline and not beats:
        return Judgement("nothing", baseline)
    if not gains:
        return Judgement("linear only", reference)
    if all(math.isnan(gain.estimate) for gain in gains):
        return Judgement("unknown", reference)
    better = [gain.model for gain in gains if gain.low > 0]
    if better and doubts:
        return Judgement("doubtful", reference)
    if better:
        return _best_of(board, better)
    if all(gain.high < 0 for gain in gains):
        return Judgement("worse", reference)
    return Judgement("no evidence", reference)


def _best_of(board: Leaderboard, better: Sequence[str]) -> Judgement:
    """Choose among models that are shown better than the linear model, the simplest first."""
    if len(better) == 1:
        return Judgement("better", better[0])
    boosting, network = better
    gain = gain_of(board, network, boosting)
    if gain is not None and gain.low > 0:
        return Judgement("better", network)
    return Judgement("better" if gain is not None and gain.high < 0 else "tied", boosting)


def _nothing(board: Leaderboard) -> str:
    label = METRICS[board.task][board.metric].label
    other = possessive("the mean" if board.task == "regression" else "the class shares")
    parts = []
    for model in (board.reference, board.boosting, board.challenger):
        gain = gain_of(board, model, board.baseline) if model else None
        if gain is not None and not math.isnan(gain.estimate):
            mine = possessive(called(board, model))
            parts.append(f"{mine} {label} is {relation_of(board, gain, other)}")
    together = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    return f"Nothing here is shown to beat {without_features(board)}: {together}."


def _left_out(board: Leaderboard) -> str:
    """Return a further sentence if the network's scores rest on a selection of its fits."""
    row = board.row(board.network) if board.network else None
    if row is None or not row.left_out:
        return ""
    fits = row.seeds * board.folds
    return f" {row.left_out} of the network's {fits} fits gave no finite predictions and are left out."


def _linear_only(board: Leaderboard) -> str:
    gain = gain_of(board, board.reference, board.baseline)
    if gain is None:
        return f"Only {board.reference} was fitted; there is nothing to compare it with."
    label = METRICS[board.task][board.metric].label
    relation = relation_of(board, gain, f"that of {without_features(board)}")
    subject = capital(possessive(called(board, board.reference)))
    return f"{subject} {label} is {relation}: the interval excludes 0, so its features help to predict."


def _in_doubt(doubts: Sequence[str]) -> str:
    """Return a further sentence that takes back what the rows at hand cannot show."""
    return f" Whether any of this holds for new rows is in doubt: {'; '.join(doubts)}." if doubts else ""


def verdict(board: Leaderboard, doubts: Sequence[str] = ()) -> str:
    """Say in a sentence, with boosting in three, what the comparison with the linear model shows, and what to use.

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
    if board.challenger and board.boosting:
        return _of_several(board, judgement, doubts)
    challenger = board.challenger or board.boosting
    gain = gain_of(board, challenger, board.reference)
    network, linear = called(board, challenger), called(board, board.reference)
    if case == "unknown" or gain is None:
        return f"{capital(network)} cannot be compared with {linear}.{_left_out(board)}"
    unclear = f"contains 0, so there is no evidence that {network} is better"
    if case == "doubtful":
        says = f"excludes 0, which shows nothing of new rows: {'; '.join(doubts)}. Until that is settled, use {linear}"
        doubt = ""
    elif case == "better":
        later = "later rows " if board.in_time else ""
        says = f"excludes 0, so {network} predicts {later}better on tables like this one"
    elif case == "worse":
        says = f"excludes 0, so {linear} predicts better; use it, the simpler model"
    else:
        says = f"{unclear}; use {linear}, the simpler model"
    return f"{against_reference(board, gain)}: the interval {says}.{_left_out(board)}{doubt}"


def _of_several(board: Leaderboard, judgement: Judgement, doubts: Sequence[str]) -> str:
    """Say what is shown of the network and of boosting, each against the linear model, then what to use."""
    gains = [gain_of(board, model, board.reference) for model in (board.challenger, board.boosting)]
    shown = " ".join(_shown(board, gain, doubts) for gain in gains if gain is not None)
    doubt = "" if judgement.case == "doubtful" else _in_doubt(doubts)
    return f"{shown} {_advice(board, judgement, doubts)}{_left_out(board)}{doubt}"


def _shown(board: Leaderboard, gain: Difference, doubts: Sequence[str]) -> str:
    model, linear = called(board, gain.model), called(board, board.reference)
    if math.isnan(gain.estimate):
        return f"{capital(model)} cannot be compared with {linear}."
    if gain.low > 0:
        later = "later rows " if board.in_time else ""
        claim = f"so {model} predicts {later}better on tables like this one"
        says = f"excludes 0, {'which shows nothing of new rows' if doubts else claim}"
    elif gain.high < 0:
        says = f"excludes 0, so {linear} predicts better"
    else:
        says = f"contains 0, so there is no evidence that {model} is better"
    return f"{against_reference(board, gain)}: the interval {says}."


def _advice(board: Leaderboard, judgement: Judgement, doubts: Sequence[str]) -> str:
    use = called(board, judgement.recommended)
    if judgement.case == "doubtful":
        return f"{capital('; '.join(doubts))}. Until that is settled, use {use}."
    between = gain_of(board, board.challenger, board.boosting)
    both = all(shown_better(board, model, board.reference) for model in (board.challenger, board.boosting))
    if judgement.case in {"better", "tied"} and both and between is not None:
        label = METRICS[board.task][board.metric].label
        mine, other = (possessive(called(board, model)) for model in (between.model, between.reference))
        relation = capital(f"{mine} {label} is {relation_of(board, between, other)}")
        if judgement.case == "better":
            return f"{relation}: use {use}."
        return f"{relation}: the two cannot be told apart, so use {use}, the simpler."
    if judgement.case == "better":
        return f"Use {use}."
    return f"Use {use}, the simplest model."
