"""What is answered, one frozen record each: what tables print and forest plots draw."""

from dataclasses import dataclass

from thalweg.effects.identification.support import Support
from thalweg.effects.inference.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of one combination against the baseline, as a table or a forest plot shows it.

    Parameters
    ----------
    combination
        Such as ``101``.
    observed, count
        Whether units received it, and how many.
    estimate, error, low, high
        Estimate, standard error and interval; None if withheld.
    low_any_link, high_any_link
        The interval, wide enough for every other link that the observed cells do not contradict; the same where the
        combination was observed.
    p_value, p_adjusted
        Two-sided; adjusted for looking at all effects shown, if asked for.
    plug_in, correction
        The networks' own answer, and what the residuals add to it; None if withheld, since their sum is the estimate.
    unstructured, unstructured_error
        AIPW, which needs no link; None for combinations nobody received.
    support
        Status, reason and weights.

    Examples
    --------
    >>> from thalweg.effects import DeDL
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=1, workers=1)
    >>> effect = quick.fit(columns, target="y", treatments=["a", "b"]).effects()[0]
    >>> effect.combination, effect.count, effect.low < effect.estimate < effect.high
    ('01', 20, True)
    """

    combination: str
    observed: bool
    count: int
    estimate: float | None
    error: float | None
    low: float | None
    high: float | None
    low_any_link: float | None
    high_any_link: float | None
    p_value: float | None
    p_adjusted: float | None
    plug_in: float | None
    correction: float | None
    unstructured: float | None
    unstructured_error: float | None
    support: Support


@dataclass(frozen=True, slots=True)
class Best:
    """The best combination.

    Parameters
    ----------
    combination
        With the largest estimate among those shown.
    effect
        Against the baseline, corrected for having been picked as the largest; the interval covers although it was.
    as_estimated
        The same without that correction, which is too large on average.
    extrapolated
        Whether nobody received it, so that it follows from the link.
    observed
        The best of those that were observed, corrected alike, if it is another.
    gap
        Its lead over the runner-up, from paired scores.
    candidates
        Combinations that cannot be ruled out as the best; they hold it with the stated probability.
    baseline_mean
        Mean outcome under the baseline.

    Examples
    --------
    >>> effect = Estimate("11", estimate=2.0, error=0.5, low=0.8, high=3.2, p_value=6.3e-5, count=400)
    >>> gap = Estimate("11 − 01", estimate=0.1, error=0.5, low=-0.9, high=1.1, p_value=0.84, count=400)
    >>> Best("11", effect, 2.1, False, None, gap, candidates=("01", "11"), baseline_mean=20.0).lift
    0.1
    """

    combination: str
    effect: Estimate
    as_estimated: float
    extrapolated: bool
    observed: Estimate | None
    gap: Estimate
    candidates: tuple[str, ...]
    baseline_mean: float

    @property
    def lift(self) -> float | None:
        """The effect as a share of the mean under the baseline; None if that is not positive."""
        return self.effect.estimate / self.baseline_mean if self.baseline_mean > 0.0 else None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cell predicted without its own rows.

    Parameters
    ----------
    combination
        The cell.
    predicted, predicted_error
        Its effect through the link, from the other cells.
    observed, observed_error
        Its effect by AIPW, from all cells.
    p_value
        That the two agree, their errors taken as independent.

    Examples
    --------
    >>> found = LeftOut("11", predicted=2.1, predicted_error=0.4, observed=2.0, observed_error=0.3, p_value=0.84)
    >>> abs(found.predicted - found.observed) < found.predicted_error
    True
    """

    combination: str
    predicted: float
    predicted_error: float
    observed: float
    observed_error: float
    p_value: float
