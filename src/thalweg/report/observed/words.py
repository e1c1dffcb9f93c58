"""The answer about a treatment that units chose, in sentences that carry their doubt."""

from typing import Final

from thalweg.effects.one_treatment.average import TreatmentEffect
from thalweg.effects.one_treatment.estimands import ATE
from thalweg.effects.one_treatment.observed import ObservedEffects
from thalweg.report.drawing.table import decimals_for, format_cell
from thalweg.report.effects.words import p_words

BELIEF: Final = "if nothing unobserved moves both"


def observed_sentence(found: ObservedEffects) -> str:
    """Return the answer about the first level, or the one of largest distance from zero, in one sentence.

    Parameters
    ----------
    found
        The answer.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from thalweg.effects.one_treatment.observed import observe
    >>> from thalweg.effects.training import Training
    >>> draw = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"t": np.arange(300) % 2, "x": draw.normal(size=300)})
    >>> frame["y"] = frame["t"] + frame["x"] + 0.1 * draw.normal(size=300)
    >>> quick = Training(epochs=5, folds=2, repeats=1, workers=1)
    >>> observed_sentence(observe(frame, target="y", treatment="t", training=quick))
    'Among all units, t = 1 rather than 0 changes y by ... if nothing unobserved moves both.'
    """
    shown = [effect for effect in found.effects.main if effect.estimate is not None]
    if not shown:
        reason = found.effects.main[0].reason
        return f"The effect of {found.treatment} on {found.target} is withheld: {reason}."
    largest = max(shown, key=lambda e: abs(float(e.estimate or 0.0)) / max(float(e.error or 0.0), 1e-300))
    level, baseline = largest.name.split(" − ")[0], found.effects.levels[0]
    return (
        f"Among {largest.target}, {found.treatment} = {level} rather than {baseline} changes {found.target} by "
        f"{told(largest)} ({p_words(float(largest.p_value or 0.0))}){_lift(found, largest)}, {BELIEF}."
    )


def _lift(found: ObservedEffects, effect: TreatmentEffect) -> str:
    """Say what share of the mean under the baseline an effect over all units is."""
    mean = found.effects.baseline_mean
    if mean is None or mean <= 0.0 or effect.target != ATE:
        return ""
    share = f"{100.0 * float(effect.estimate or 0.0) / mean:+.3g}".replace("-", "−")
    return f", {share} % of the mean under {found.effects.levels[0]}, {mean:.4g}"


def told(effect: TreatmentEffect) -> str:
    """Return an estimate with its interval.

    Examples
    --------
    >>> told(TreatmentEffect("b − a", "all units", 1.0, 0.1, 0.8, 1.2, 1e-20, units=400, reason=""))
    '1.000, interval 0.800 to 1.200'
    """
    low, high = float(effect.low or 0.0), float(effect.high or 0.0)
    places = decimals_for([low, high])
    middle = format_cell(effect.estimate, places)
    return f"{middle}, interval {format_cell(low, places)} to {format_cell(high, places)}"


def observed_sentences(found: ObservedEffects) -> tuple[str, ...]:
    """Return the answer, what was withheld, and how strong an unobserved thing would have to be.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from thalweg.effects.one_treatment.observed import observe
    >>> from thalweg.effects.training import Training
    >>> frame = pd.DataFrame({"t": np.arange(300) % 2, "x": np.random.default_rng(0).normal(size=300)})
    >>> frame["y"] = frame["t"] + frame["x"] + 0.1 * np.arange(300) % 1
    >>> quick = Training(epochs=5, folds=2, repeats=1, workers=1)
    >>> len(observed_sentences(observe(frame, target="y", treatment="t", training=quick)))
    2
    """
    effects = found.effects
    sentences = [observed_sentence(found)]
    sentences += [
        f"Over all units {e.name} is withheld: {e.reason}." for e in effects.effects if e.target == ATE and e.reason
    ]
    if effects.sensitivity is not None:
        s = effects.sensitivity
        text = (
            f"Something unobserved that explains {_percent(s.explaining)} of what is left both of {found.target} and "
            f"of {found.treatment} would explain it away"
        )
        if s.doubting > 0.0:
            text += f", {_percent(s.doubting)} would put 0 into the interval"
        if s.strongest is not None:
            text += (
                f"; {s.strongest}, the strongest column that was observed, explains {_percent(s.of_outcome or 0.0)} "
                f"and {_percent(s.of_treatment or 0.0)} beside the others"
            )
        if s.bounds is not None:
            low, high, least, most = (format_cell(end, decimals_for([*s.bounds])) for end in s.bounds)
            text += f": another as strong would put the effect between {low} and {high}, interval {least} to {most}"
        sentences.append(f"{text}.")
    return tuple(sentences)


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
