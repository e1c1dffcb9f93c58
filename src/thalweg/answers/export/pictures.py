"""A figure of an answer, to be looked at, kept as a file, or drawn on."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from thalweg.answers.showing import ending_of
from thalweg.base.checks import check_choice
from thalweg.base.files import path_of, write_whole
from thalweg.report.drawing.document import Page, figures_of
from thalweg.report.drawing.figure import Figure
from thalweg.report.drawing.svg import draw
from thalweg.report.export.axes import paper_axes
from thalweg.report.export.brush import matplotlib_of
from thalweg.report.export.paper import KINDS, paper_figure
from thalweg.report.export.sizes import Size, size_of


@dataclass(frozen=True, slots=True, repr=False)
class Picture:
    """A figure of an answer.

    Parameters
    ----------
    figure
        What is drawn, as data.

    Examples
    --------
    >>> import thalweg as tw
    >>> run = tw.fit_linear("example:diabetes")
    >>> run.figure("coefficient-intervals").svg()[:4]
    '<svg'
    """

    figure: Figure

    @property
    def name(self) -> str:
        """Short name, by which an answer finds it."""
        return self.figure.name

    @property
    def sentence(self) -> str:
        """What is to be seen."""
        return self.figure.finding

    def frame(self) -> pd.DataFrame:
        """Return the numbers it was drawn from."""
        table = self.figure.data
        return pd.DataFrame(list(table.rows), columns=[column.label for column in table.columns])

    def csv(self) -> str:
        """Return the numbers it was drawn from as comma-separated values at full precision."""
        return self.figure.csv()

    def svg(self) -> str:
        """Return it as SVG, in colours that every program shows alike."""
        return draw(self.figure, standalone=True)

    def save(self, path: str | Path, *, width: float | str | None = None, letters: float | None = None) -> Path:
        """Write it to a file, and return where.

        Parameters
        ----------
        path
            Ends with ``.svg``, ``.pdf`` or ``.png``; the last two need matplotlib, and PNG has 300 dots per inch.
        width
            In millimetres, or a journal's column: "nature", "nature-double", "pnas", "pnas-double", "elsevier",
            "elsevier-double", "ieee", "ieee-double" or "plos". None for 142 millimetres.
        letters
            Height of letters in points; None for what the journal asks, or in proportion to the width.

        Raises
        ------
        SettingError
            If the ending or the journal is unknown, or letters are too large for the width.
        MissingExtraError
            If matplotlib is needed and not installed.
        """
        target = path_of("path", path)
        content = paper_figure(self.figure, ending_of(target, KINDS), size_of(width, letters))
        write_whole(target, content)
        return target

    def axes(self, axes: Any = None) -> Any:
        """Draw it onto axes of matplotlib, in the units of its data, and return them; None makes a figure of its own.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        return paper_axes(self.figure, axes)

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        return f"<Picture {self.name}: {self.sentence}>"


def save_pictures(
    pictures: Iterable[Picture], folder: str | Path, kind: str = "pdf", *, width: float | str | None = None
) -> tuple[Path, ...]:
    """Write several figures into a folder, each under its name, and return where.

    Parameters
    ----------
    pictures
        Such as ``run.figures``.
    folder
        It is made if it is not there.
    kind
        "pdf", "svg" or "png".
    width
        As for :meth:`Picture.save`.

    Raises
    ------
    SettingError, MissingExtraError
        As for :meth:`Picture.save`.

    Examples
    --------
    >>> save_pictures((), "figures", "eps")
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: kind must be one of 'pdf', 'svg', 'png', got 'eps'. Choose one of these.
    """
    place, size = path_of("folder", folder, "folder"), check_pictures(kind, width)
    drawn = {f"{picture.name}.{kind}": paper_figure(picture.figure, kind, size) for picture in pictures}
    place.mkdir(parents=True, exist_ok=True)
    for name, content in drawn.items():
        write_whole(place / name, content)
    return tuple(place / name for name in drawn)


def check_pictures(kind: str, width: float | str | None) -> Size:
    """Return the size of figures that can be written, before any is drawn.

    Parameters
    ----------
    kind, width
        As for :func:`save_pictures`.

    Raises
    ------
    SettingError, MissingExtraError
        As for :meth:`Picture.save`.

    Examples
    --------
    >>> check_pictures("svg", 90).width
    90
    """
    check_choice("kind", kind, KINDS)
    if kind != "svg":
        matplotlib_of("Figures for papers")
    return size_of(width)


def pictures_of(page: Page) -> tuple[Picture, ...]:
    """Return the figures of a page, in order.

    Examples
    --------
    >>> pictures_of(Page("Scores", "Which?", "", "Verdict", "None."))
    ()
    """
    return tuple(Picture(figure) for figure in figures_of(page))
