"""Colours and line styles: the only place that knows them.

Okabe & Ito's colours (2008) without those that fall below 3:1 against the paper. Colour never carries a
meaning alone: every style also has its own dash and marker. Training is blue and solid, validation
vermillion and dashed, everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LIGHT: Final[Mapping[str, str]] = {
    "paper": "#ffffff",
    "ink": "#1a1c1f",
    "muted": "#565c63",
    "axis": "#7a8087",
    "rule": "#d5d8dc",
    "shade": "#f3f4f6",
    "link": "#005a8e",
    "blue": "#0072b2",
    "vermillion": "#d55e00",
    "green": "#009e73",
    "pink": "#cc79a7",
}
DARK: Final[Mapping[str, str]] = {
    "paper": "#14171a",
    "ink": "#e9ebee",
    "muted": "#aab1b9",
    "axis": "#808890",
    "rule": "#383e45",
    "shade": "#1e2226",
    "link": "#7cc4f0",
    "blue": "#56b4e9",
    "vermillion": "#e69f00",
    "green": "#009e73",
    "pink": "#cc79a7",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How a series looks.

    Parameters
    ----------
    colour
        Key of :data:`LIGHT` and :data:`DARK`.
    dash
        SVG dash array, empty for a solid line.
    marker
        "circle", "diamond", "square" or "triangle".

    Examples
    --------
    >>> STYLES["validation"].marker
    'diamond'
    """

    colour: str
    dash: str
    marker: str


STYLES: Final[Mapping[str, Style]] = {
    "train": Style("blue", "", "circle"),
    "validation": Style("vermillion", "6 4", "diamond"),
    "first": Style("blue", "", "circle"),
    "second": Style("vermillion", "6 4", "diamond"),
    "third": Style("green", "2 3", "square"),
    "fourth": Style("pink", "8 3 2 3", "triangle"),
    "fifth": Style("ink", "10 3", "circle"),
    "sixth": Style("blue", "1 4", "square"),
    "seventh": Style("vermillion", "14 2 2 2 2 2", "triangle"),
    "plain": Style("ink", "", "circle"),
    "guide": Style("axis", "4 4", "circle"),
}


SEQUENTIAL: Final = (
    *("#00224e", "#013271", "#2f426d", "#48526c", "#5e636f", "#727374"),
    *("#878478", "#9d9576", "#b6a96f", "#cebc63", "#e7d150", "#fee838"),
)
"""From little to much, dark to light: cividis (Nuñez, Anderton & Renslow 2018), whose lightness rises for all eyes."""


def css(selector: str = ":root") -> str:
    """Return both themes as CSS custom properties; paper always prints the light one.

    Examples
    --------
    >>> "--blue:#0072b2" in css()
    True
    """
    light, dark = (";".join(f"--{name}:{value}" for name, value in theme.items()) for theme in (LIGHT, DARK))
    return f"{selector}{{{light}}}@media screen and (prefers-color-scheme:dark){{{selector}{{{dark}}}}}"
