"""What a linear model finds, in a sentence."""

import math
from typing import Final

from thalweg.base.interval import Interval
from thalweg.linear.analysis import LinearAnalysis

_MOST_NAMES: Final = 5


def finding_sentence(answer: LinearAnalysis) -> str:
    """Say which coefficients differ from 0 by their intervals, and how many would by chance.

    Parameters
    ----------
    answer
        The answer; every interval holds for itself.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> fit = regress([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8], names=["price"])
    >>> finding_sentence(LinearAnalysis("t", "y", fit, {"price": 1.1}, (), {}))
    'The one coefficient has a 95 % interval that excludes 0: positive price. R² = 0.982.'
    """
    if answer.estimates.source:
        return answer.estimates.certificate.sentence()
    if not answer.has_maximum:
        return "No coefficient can be told: the likelihood has no finite maximum."
    found = [(name, change) for name, change in answer.changes() if math.isfinite(change.high - change.low)]
    if not found:
        return "There is no coefficient with an interval to speak of."
    clear = [(name, change) for name, change in found if change.low > 0 or change.high < 0]
    percent = f"{100 * answer.level:g} %"
    if len(found) == 1:
        count = f"The one coefficient has a {percent} interval that {'excludes' if clear else 'contains'} 0"
    else:
        count = f"{len(clear) or 'None'} of {len(found)} coefficients have {percent} intervals that exclude 0"
    strongest = sorted(clear, key=lambda row: -_beside_interval(row[1]))[:_MOST_NAMES]
    named = [
        f"{sign} {', '.join(those)}"
        for sign, those in (
            ("positive", [name for name, change in strongest if change.estimate > 0]),
            ("negative", [name for name, change in strongest if change.estimate < 0]),
        )
        if those
    ]
    most = "most clearly " if len(clear) > len(strongest) else ""
    told = f": {most}{'; '.join(named)}" if named else ""
    chance = (1 - answer.level) * len(found)
    by_chance = f" About {chance:.2g} would by chance alone if all were 0." if len(found) > 1 else ""
    explained = answer.estimates.rsquared
    fit = "" if explained is None else f" R² = {explained:.3f}."
    return f"{count}{told}.{by_chance}{fit}"


def _beside_interval(change: Interval) -> float:
    """Size of a change beside its interval."""
    width = change.high - change.low
    return abs(change.estimate) / width if width > 0 else math.inf
