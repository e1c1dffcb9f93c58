"""Everything there is to say about the effects of an experiment, computed once: a report only draws it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import pandas as pd

from thalweg.base.errors import DataError
from thalweg.effects.answer import METHODS, EffectsAnswer
from thalweg.effects.differing import combination_heterogeneity
from thalweg.effects.effect import Best, Effect, LeftOut
from thalweg.effects.experiment.experiment import combination_label
from thalweg.effects.identification.next_cells import NextCell
from thalweg.effects.inference.sorted_units import Heterogeneity
from thalweg.effects.linear_combinations import Interaction, interactions
from thalweg.effects.out_of_fold import CellResidual, OutOfFold, cell_residuals, compare_out_of_fold
from thalweg.select.record import to_plain

FOLLOWING: Final = 3
MANY_TARGETS: Final = 128  # from here on every cell to run next takes many seconds to find


@dataclass(frozen=True, slots=True, eq=False)
class EffectsSummary:
    """What a report about effects says.

    Parameters
    ----------
    table
        What the table is called.
    answer
        The fitted answer.
    level
        Of all intervals.
    adjust
        How p-values allow for looking at all effects.
    effects, together
        Every effect with the interval that holds for itself, and with the one that holds for all at once.
    best
        The best combination; None if nothing may be shown.
    comparison
        Other methods beside ours, see :meth:`~thalweg.effects.answer.EffectsAnswer.compare`.
    following
        Which combinations to run next.
    interactions
        How every two treatments act together.
    out_of_fold, residuals
        How well the networks predict units they never saw.
    left_out
        Observed cells, predicted from the others; None if that was not asked for.
    whom
        For whom the best combination does more; None if nothing may be shown, or all are predicted to gain alike.
    repeat
        What is needed to compute it again, by name.
    """

    table: str
    answer: EffectsAnswer
    level: float
    adjust: str
    effects: tuple[Effect, ...]
    together: tuple[Effect, ...]
    best: Best | None
    comparison: pd.DataFrame
    following: tuple[NextCell, ...]
    interactions: tuple[Interaction, ...]
    out_of_fold: OutOfFold
    residuals: tuple[CellResidual, ...]
    left_out: tuple[LeftOut, ...] | None
    whom: Heterogeneity | None
    repeat: Mapping[str, str]

    def given(self, combination: str) -> str:
        """Return a combination by the names of its treatments."""
        return spelled(combination, self.answer.reading.treatments)

    def frame(self) -> pd.DataFrame:
        """Return one row per effect: both intervals, p-values, AIPW, spread over splits, weights and status."""
        spread = split_spread(self.answer)
        rows = []
        for one, all_at_once in zip(self.effects, self.together, strict=True):
            shown = one.estimate is not None
            rows.append(
                {
                    "combination": one.combination,
                    "given": self.given(one.combination),
                    "observed": one.observed,
                    "units": one.count,
                    "status": one.support.status,
                    "withheld": not shown,
                    "estimate": one.estimate,
                    "std_error": one.error,
                    "low": one.low,
                    "high": one.high,
                    "low_at_once": all_at_once.low,
                    "high_at_once": all_at_once.high,
                    "low_any_link": one.low_any_link,
                    "high_any_link": one.high_any_link,
                    "p_value": one.p_value,
                    "p_adjusted": all_at_once.p_adjusted,
                    "plug_in": one.plug_in,
                    "correction": one.correction,
                    "aipw": one.unstructured,
                    "aipw_std_error": one.unstructured_error,
                    "split_sd": spread[self.answer.number(one.combination)] if shown else None,
                    "effective_units": one.support.effective,
                    "heaviest_weight": one.support.heaviest,
                    "largest_weight": one.support.largest,
                    "reason": one.support.reason,
                }
            )
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain values that JSON can hold; missing numbers become None."""
        answer, reading = self.answer, self.answer.reading
        cells = [combination_label(cell) for cell in reading.experiment.cells]
        plain: dict[str, Any] = to_plain(
            {
                "table": self.table,
                "target": reading.target,
                "treatments": reading.treatments,
                "features": reading.features,
                "baseline": answer.baseline,
                "units": len(reading.experiment),
                "cells": dict(zip(cells, reading.experiment.counts.tolist(), strict=True)),
                "link": answer.fit.model.link.name,
                "scale": scale_facts(answer),
                "level": self.level,
                "effects": plain_rows(self.frame()),
                "best": None if self.best is None else asdict(self.best),
                "comparison": plain_rows(self.comparison),
                "next": [asdict(cell) for cell in self.following],
                "interactions": [asdict(pair) for pair in self.interactions],
                "link_test": asdict(answer.evaluation.link_test),
                "scale_test": None if answer.evaluation.scale_test is None else asdict(answer.evaluation.scale_test),
                "out_of_fold": asdict(self.out_of_fold),
                "residuals": [asdict(cell) for cell in self.residuals],
                "left_out": None if self.left_out is None else [asdict(cell) for cell in self.left_out],
                "whom": None if self.whom is None else asdict(self.whom),
                "sample_ratio": None if reading.ratio is None else asdict(reading.ratio),
                "balance": [asdict(found) for found in reading.balance],
                "notes": answer.notes,
                "repeat": self.repeat,
            }
        )
        return plain


def summarise(
    answer: EffectsAnswer,
    *,
    table: str,
    level: float = 0.95,
    adjust: str = "step-down",
    allow_unidentified: bool = False,
    comparison: pd.DataFrame | None = None,
    left_out: tuple[LeftOut, ...] | None = None,
    repeat: Mapping[str, str] | None = None,
) -> EffectsSummary:
    """Gather what a report says.

    Parameters
    ----------
    answer
        A fitted answer.
    table
        What the table is called.
    level
        Of all intervals.
    adjust
        How p-values allow for looking at all effects, see :meth:`~thalweg.effects.answer.EffectsAnswer.effects`.
    allow_unidentified
        Show weak and unidentified effects too.
    comparison
        Other methods, if they are computed already; None trains a plain network for them.
    left_out
        What :meth:`thalweg.DeDL.leave_one_cell_out` said, if it was asked.
    repeat
        What is needed to compute it again, by name.

    Returns
    -------
    EffectsSummary
        The gathered facts.

    Examples
    --------
    >>> from thalweg.effects.dedl import DeDL
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=1, workers=1)
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> found = summarise(quick.fit(columns, target="y", treatments=["a", "b"]), table="shop")
    >>> found.best.combination, found.given("11")
    ('11', 'a + b')
    """
    settings: dict[str, Any] = {"level": level, "allow_unidentified": allow_unidentified}
    usable = sum(support.usable for support in answer.supports)
    best = answer.best(level=level) if usable > 1 else None
    return EffectsSummary(
        table=table,
        answer=answer,
        level=level,
        adjust=adjust,
        effects=answer.effects(**settings),
        together=answer.effects(at_once=True, adjust=adjust, **settings),
        best=best,
        comparison=answer.compare(METHODS) if comparison is None else comparison,
        following=answer.design(following=FOLLOWING if len(answer.targets) < MANY_TARGETS else 1),
        interactions=interactions(answer, level=level),
        out_of_fold=compare_out_of_fold(
            answer.reading.experiment, answer.fit, answer.training.folds, answer.training.gap
        ),
        residuals=cell_residuals(answer.reading.experiment, answer.fit),
        left_out=left_out,
        whom=_whom(answer, best, level),
        repeat={} if repeat is None else repeat,
    )


def _whom(answer: EffectsAnswer, best: Best | None, level: float) -> Heterogeneity | None:
    if best is None or best.combination == answer.baseline:
        return None
    try:
        return combination_heterogeneity(answer, best.combination, level=level)
    except DataError:  # all are predicted to gain alike
        return None


def spelled(combination: str, treatments: Sequence[str]) -> str:
    """Return a combination by the names of its treatments.

    Examples
    --------
    >>> spelled("101", ["price", "push", "mail"]), spelled("00", ["a", "b"])
    ('price + mail', 'none')
    """
    return " + ".join(name for name, digit in zip(treatments, combination, strict=True) if digit == "1") or "none"


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as plain values, None where a number is missing."""
    rows: list[dict[str, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return rows


def scale_facts(answer: EffectsAnswer) -> dict[str, Any] | None:
    """Return kind, value and standard error of a scale, the largest error of all splits; None if the link has none."""
    model, scales = answer.fit.model, answer.evaluation.scales
    if not model.link.scaled:
        return None
    worst = max(scales, key=lambda scale: scale.relative) if scales else None
    reason = None if answer.scale_choice is None else answer.scale_choice.reason
    return {
        "kind": "common" if model.common_scale else "own",
        "value": None if worst is None else worst.value,
        "std_error": None if worst is None else worst.error,
        "reason": reason,
    }


def split_spread(answer: EffectsAnswer) -> list[float | None]:
    """Return the standard deviation of every effect over repeated splits; None for a single split."""
    estimates = answer.evaluation.estimates
    return [None] * estimates.shape[1] if len(estimates) == 1 else estimates.std(axis=0, ddof=1).tolist()
