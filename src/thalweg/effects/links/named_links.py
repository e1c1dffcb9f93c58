"""The links that have names, in one table: a new one is a row here (and a curve in ``curve.py``, if it needs one).

It loads nothing, so that a command's help can be made from it.
"""

from dataclasses import dataclass
from typing import Final

MAIN, TREATED, PRODUCTS = "main", "treated", "products"
"""Features φ(t) of the treatments: 1 and t, t alone, the products of all subsets of t."""


@dataclass(frozen=True, slots=True)
class NamedLink:
    """A row of the table.

    Parameters
    ----------
    curve
        Name of a curve, one of :data:`~thalweg.effects.links.curve.CURVES`.
    meaning
        What it says about the treatments, in a few words.
    features
        How the treatments enter: ``main``, ``treated`` or ``products``.
    scaled
        Whether the scale is a parameter.
    """

    curve: str
    meaning: str
    features: str = MAIN
    scaled: bool = False


NAMED_LINKS: Final = {
    "linear": NamedLink("identity", "treatments add up"),
    "full": NamedLink("identity", "every combination has an effect of its own", PRODUCTS),
    "multiplicative": NamedLink("exponential", "treatments multiply a positive outcome"),
    "sigmoid": NamedLink("sigmoid", "treatments add up on the scale of log odds, between low and low + height"),
    "sigmoid1": NamedLink("sigmoid", "the same up to a ceiling that is learned, half of it untreated", TREATED, True),
    "sigmoid2": NamedLink("sigmoid", "the same up to a ceiling that is learned", MAIN, True),
}
