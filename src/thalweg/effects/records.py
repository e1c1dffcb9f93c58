"""What is answered, one frozen record each: what tables print and forest plots draw."""

from dataclasses import dataclass

from thalweg.effects.identification.identify import Support


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
    p_value, p_adjusted
        Two-sided; adjusted for looking at all effects shown, if asked for.
    plug_in, correction
        The networks' own answer, and what the residuals add to it; None if withheld, since their sum is the estimate.
    unstructured, unstructured_error
        AIPW, which needs no link; None for combinations nobody received.
    support
        Status, reason and weights.
    """

    combination: str
    observed: bool
    count: int
    estimate: float | None
    error: float | None
    low: float | None
    high: float | None
    p_value: float | None
    p_adjusted: float | None
    plug_in: float | None
    correction: float | None
    unstructured: float | None
    unstructured_error: float | None
    support: Support


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with standard error, interval and two-sided p-value."""

    name: str
    estimate: float
    error: float
    low: float
    high: float
    p_value: float
    count: int


@dataclass(frozen=True, slots=True)
class Best:
    """The best combination.

    Parameters
    ----------
    combination
        With the largest estimate among those shown.
    effect
        Against the baseline; the interval covers although the largest was picked (it holds for all at once).
    gap
        Its lead over the runner-up, from paired scores.
    candidates
        Combinations that cannot be ruled out as the best; they hold it with the stated probability.
    """

    combination: str
    effect: Estimate
    gap: Estimate
    candidates: tuple[str, ...]


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
    """

    combination: str
    predicted: float
    predicted_error: float
    observed: float
    observed_error: float
    p_value: float
