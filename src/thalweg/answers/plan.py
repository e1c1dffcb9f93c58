"""What planning returns: its rows, told as text, table, page and plain values."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from thalweg.answers.export.pictures import Picture
from thalweg.answers.plain import plain_values
from thalweg.answers.showing import named, printed, write_report
from thalweg.base.checks import check_choice, check_number
from thalweg.base.durations import seconds_of, spoken
from thalweg.base.errors import SettingError, setting
from thalweg.planning.forecast import Forecast
from thalweg.planning.table_forecast import TableForecast
from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.document import Page, page_html
from thalweg.report.drawing.fragment import fragment
from thalweg.report.drawing.text import to_text
from thalweg.report.planning.blocks import audit_blocks, deck_blocks, forecast_blocks, machine_blocks, table_blocks
from thalweg.report.planning.page import plan_figures, plan_page

_KINDS: Final[Mapping[str, Callable[[Any], Blocks]]] = {
    "table": table_blocks,
    "forecasts": forecast_blocks,
    "deck": deck_blocks,
    "machine": machine_blocks,
    "audit": audit_blocks,
}


@dataclass(frozen=True, slots=True, repr=False)
class WorkPlan:
    """What a computation would take, before it is paid for.

    Parameters
    ----------
    kind
        "table": a comparison here, and on devices; "forecasts" of work on devices; "deck": claims of a lecture
        recomputed; "machine": what this one does; "audit": forecasts beside what happened.
    rows
        :class:`~thalweg.planning.table_forecast.TableForecast`, :class:`~thalweg.planning.forecast.Forecast`,
        :class:`~thalweg.planning.slides.DeckLine`, :class:`~thalweg.planning.machine.kept.KnownMachine` with the place
        it is kept, or :class:`~thalweg.planning.machine.audit.Audit`.

    Examples
    --------
    >>> import thalweg as tw
    >>> plan = tw.plan.transformer(175e9, 300e9, on="1024xa100-40@aws", precision="tf32", rate=80e12)
    >>> plan.sentence.partition(": ")[2]
    '3.15e+23 operations take 44.5 days (38.2 to 51.9) on 1,024 x A100-SXM4-40.'
    """

    kind: str
    rows: tuple[Any, ...]

    @property
    def folder(self) -> Path | None:
        """A plan lives in memory alone."""
        return None

    @property
    def blocks(self) -> Blocks:
        """Sentences, table and notes."""
        return _KINDS[self.kind](self.rows)

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        return self.blocks.sentences[0]

    def frame(self) -> pd.DataFrame:
        """Return the table as a data frame."""
        table = self.blocks.tables[0]
        return pd.DataFrame(list(table.rows), columns=[column.label for column in table.columns])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values that JSON can hold."""
        return {"sentence": self.sentence, "kind": self.kind, "rows": [self._plain(row) for row in self.rows]}

    def _plain(self, row: Any) -> Any:
        if isinstance(row, Path):
            return str(row)
        plain = plain_values(row)
        if isinstance(row, Forecast):
            for name in ("device_hours", "dollars"):
                plain[name] = plain_values(getattr(row, name))
            plain |= {"kwh": row.kwh, "kg": row.kg}
        return plain

    def cheapest(self, deadline: str | float) -> Forecast:
        """Return the row of least cost whose upper tenth of time is within a deadline.

        Parameters
        ----------
        deadline
            Seconds, or text such as ``"8h"`` or ``"3d"``.

        Raises
        ------
        SettingError
            If there is none with a price that fits into memory and is possible, or the plan compares no devices.

        Examples
        --------
        >>> import thalweg as tw
        >>> plan = tw.plan.conv(50, on=["8xa100-80@aws", "8xh100-sxm@aws"])
        >>> plan.cheapest("12h").fleet.name
        '8 x H100-SXM5-80'
        """
        limit = seconds_of("deadline", deadline)
        rows = [row for row in self._feasible() if row.dollars is not None and row.seconds.high <= limit]
        if not rows:
            raise SettingError(
                f"No row with a price has its upper tenth of time within a {setting('deadline')} of {spoken(limit)}.",
                "Plan more or other devices, or allow more time.",
            )
        return min(rows, key=lambda row: row.dollars.middle if row.dollars is not None else math.inf)

    def fastest(self, budget_usd: float) -> Forecast:
        """Return the row of least time whose upper tenth of cost is within a budget in dollars.

        Raises
        ------
        SettingError
            If there is none that fits into memory and is possible, or the plan compares no devices.

        Examples
        --------
        >>> import thalweg as tw
        >>> plan = tw.plan.conv(50, on=["a100-80@aws", "8xa100-80@aws"])
        >>> plan.fastest(1000).fleet.count
        8
        """
        budget = check_number("budget_usd", budget_usd, low=0.0, open_low=True)
        rows = [row for row in self._feasible() if row.dollars is not None and row.dollars.high <= budget]
        if not rows:
            raise SettingError(
                f"No row has the upper tenth of its cost within {budget:,g} dollars ({setting('budget_usd')}).",
                "Plan other devices or kinds of price, or allow more.",
            )
        return min(rows, key=lambda row: row.seconds.middle)

    def _feasible(self) -> list[Forecast]:
        rows = [row for row in self.rows if isinstance(row, Forecast)]
        if not rows:
            raise SettingError("This plan compares no devices.", "Ask a plan made with devices, named as on=.")
        return [row for row in rows if row.fits != "no" and not row.share > 1.0]

    def largest(self, setting_name: str, deadline: str | float) -> int:
        """Return how many seeds this machine completes in time, nine times of ten.

        Parameters
        ----------
        setting_name
            "seeds".
        deadline
            Seconds, or text such as ``"1h"``.

        Raises
        ------
        SettingError
            If not even one is completed, or the plan is none of a table.

        Examples
        --------
        >>> import thalweg as tw
        >>> plan = tw.plan("example:iris", folds=3, seeds=2, networks=[{"hidden": [8]}], trees=0)
        >>> plan.largest("seeds", "2h") > plan.largest("seeds", "10m") > 2
        True
        """
        check_choice("largest", setting_name, ("seeds",))
        limit = seconds_of("deadline", deadline)
        if not isinstance(self.rows[0], TableForecast):
            raise SettingError("This plan is none of a table.", "Ask tw.plan(table).")
        found = self.rows[0].seeds_within(limit)
        if not found:
            raise SettingError(
                f"A {setting('deadline')} of {spoken(limit)} is too short for one seed.",
                "Allow more time, or ask for fewer folds or networks.",
            )
        return found

    def text(self, width: int | None = None) -> str:
        """Return the plan as text, in lines of so many letters; None asks the terminal."""
        return to_text(self.blocks, width)

    def report(self, path: str | Path | None = None) -> Path:
        """Write the plan as one self-contained HTML file, and return where.

        Raises
        ------
        SettingError
            If no path is given: a plan has no folder.
        RunFolderError
            If the file cannot be written.
        """
        return write_report(page_html(self.page), path, None)

    @property
    def page(self) -> Page:
        """What its report is made of."""
        return plan_page(self.kind, self.rows, self.blocks)

    @property
    def figures(self) -> tuple[Picture, ...]:
        """All figures of the report."""
        return tuple(map(Picture, plan_figures(self.kind, self.rows)))

    def figure(self, name: str) -> Picture:
        """Return one of :attr:`figures`, to be saved for a paper or drawn on.

        Raises
        ------
        SettingError
            If there is none of that name; the message lists them.
        """
        return named("figure", self.figures, name)

    def _repr_html_(self) -> str:
        return fragment(self.blocks)

    def __str__(self) -> str:
        return printed(self.text())

    def __repr__(self) -> str:
        return f"<WorkPlan: {self.kind}, {len(self.rows)} rows>"
