"""A linear analysis of one table: the record of all that was computed, and the parts beside its estimates."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import SettingError, setting
from thalweg.base.interval import Interval
from thalweg.base.wording import closest, listed
from thalweg.data.notes import Note
from thalweg.data.problem import Problem
from thalweg.linear.descent.descend import Descent, descend
from thalweg.linear.descent.geometry import ShrinkageGeometry, likelihood_geometry, shrinkage_geometry
from thalweg.linear.estimates import Estimates
from thalweg.linear.folds import Pairs
from thalweg.linear.likelihoods.families import mean_family
from thalweg.linear.models import MODELS, model_named
from thalweg.linear.numerics.moments import deviations, moments
from thalweg.linear.paths.penalty_path import PenaltyPath
from thalweg.linear.postestimation.hypotheses import WaldTest
from thalweg.linear.postestimation.margins import Margins
from thalweg.linear.postestimation.row_influence import RowInfluence
from thalweg.linear.rows import check_rows
from thalweg.linear.subsets.likelihood_selection import select_likelihood
from thalweg.linear.subsets.selection import SelectionPath, select

if TYPE_CHECKING:
    import pandas as pd

_DESCENT_WORK: Final = 4e8  # steps times cells of the design: a few seconds
_MOST_STEPS: Final = 5000


@dataclass(frozen=True, slots=True)
class LinearAnalysis:
    """A linear model of a table and all that was computed for it.

    Parameters
    ----------
    table, outcome
        What the rows are called, and what is explained.
    estimates
        Coefficients with their uncertainty and the certificate.
    spreads
        Standard deviation of each column of the design, by name.
    notes
        What was inferred, left out, and worth a warning.
    repeat
        What is needed to compute it again, by name.
    path
        Shrinkage or components with their cross-validation, if asked for.
    selection
        Best models of each size, if asked for.
    axes, geometry
        Two columns and the picture of ridge and lasso for them, if asked for.
    descents
        Paths of gradient methods by what to call them, if asked for.
    level
        Nominal coverage of the intervals.
    rows
        How many rows the table has, and how many of them were used; zeros if that is not known.
    recipe
        What makes columns of new rows, as JSON; "" if that is not known.
    row_numbers
        Which rows of the table were used, counted from 1, shape [N].
    margins
        Marginal effects, if asked for.
    tests
        Joint tests that were asked for.
    inflation
        Variance inflation of each column, by name; empty where it was not computed.
    influence
        What each row does to the fit, where it was computed.
    """

    table: str
    outcome: str
    estimates: Estimates
    spreads: Mapping[str, float]
    notes: tuple[Note, ...]
    repeat: Mapping[str, str]
    path: PenaltyPath | None = None
    selection: SelectionPath | None = None
    axes: tuple[str, str] | None = None
    geometry: ShrinkageGeometry | None = None
    descents: Mapping[str, Descent] = field(default_factory=dict)
    level: float = 0.95
    rows: tuple[int, int] = (0, 0)
    recipe: str = ""
    row_numbers: IntArray | None = None
    margins: Margins | None = None
    tests: tuple[WaldTest, ...] = ()
    inflation: Mapping[str, float] = field(default_factory=dict)
    influence: RowInfluence | None = None

    @property
    def has_maximum(self) -> bool:
        """Whether the likelihood has a finite maximum; without one the estimates are shrunken."""
        return self.estimates.certificate.separation == "none"

    @property
    def has_inference(self) -> bool:
        """Whether coefficients have standard errors; shrunken ones have none."""
        return self.estimates.cov_type != "none"

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences a reader must not miss."""
        found = [note.text for note in self.notes if note.is_warning]
        if not self.has_maximum:
            found.append(
                f"The likelihood has no finite maximum: {self.estimates.certificate.separation}. Those coefficients "
                "grow without end. Shown are coefficients with a ridge of 1 on standardised columns; they depend on "
                "that convention and carry no standard errors. Drop or merge the columns that separate, or gather rows."
            )
        elif not self.has_inference:
            columns = len(self.estimates.names)
            found.append(
                f"{columns:,} coefficients and {self.estimates.nobs:,.10g} rows: many answers fit equally well. Shown "
                "are coefficients with the ridge on standardised columns that predicts rows left out best; they carry "
                "no standard errors. The debiased lasso (thalweg.linear.debiased_lasso) has approximate intervals."
            )
        if self.estimates.perfect:
            found.append(
                f"The columns explain {self.outcome!r} exactly, up to rounding: no variance is left, so standard "
                "errors are 0 and nothing can be tested. Look for a column that is computed from the outcome."
            )
        if self.estimates.undefined:
            found.append(self.estimates.reason_undefined)
        dropped = self.estimates.certificate.dropped
        if dropped:
            found.append(
                f"Left out, since the intercept and columns before them already say the same: {listed(dropped, 8)}. "
                "The coefficients of those columns speak for all of them together."
            )
        caution = "" if self.estimates.source else model_named(self.estimates.model).caution
        if caution and self.estimates.cov_type == "classical":
            found.append(caution)
        if self.selection is not None:
            found.append(self.selection.warning)
        return tuple(found)

    def frame(self) -> "pd.DataFrame":
        """Return one row per coefficient: term, estimate, std_error, statistic, p_value, conf_low, conf_high."""
        return self.estimates.frame(round(1.0 - self.level, 12))  # 0.05, not the double below it

    def changes(self) -> tuple[tuple[str, Interval], ...]:
        """Return what one standard deviation of each column changes, with its interval, so that columns compare.

        Constants are left out; shrunken coefficients have no intervals, and nothing is returned.
        """
        if not self.has_inference:
            return ()
        rows = self.frame()[["term", "estimate", "conf_low", "conf_high"]].itertuples(index=False)
        found = ((term, self._spread(term), ends) for term, *ends in rows)
        return tuple(
            (term, Interval(*(float(end * spread) for end in ends)))
            for term, spread, ends in found
            if spread is not None
        )

    def path_changes(self) -> FloatArray:
        """Return the coefficients along the path, times the standard deviation of their column [K P]."""
        assert self.path is not None
        spreads = [self._spread(name) for name in self.path.names]
        return np.asarray(self.path.coefficients * np.array(spreads, dtype=np.float64), dtype=np.float64)

    def _spread(self, term: str) -> float | None:
        """Return the standard deviation of a coefficient's column, also where its class stands before it."""
        return self.spreads.get(term, self.spreads.get(term.partition(": ")[2]))

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain values that JSON can hold; infinite and missing numbers become None."""
        fit = self.estimates
        statistics = {key: fit.statistic(key) for key in ("N", "r2", "adj_r2", "pseudo_r2", "rmse", "ll", "aic", "bic")}
        certificate = {"verdict": fit.certificate.verdict, "sentence": fit.certificate.sentence()}
        plain: dict[str, Any] = _plain(
            {
                "table": self.table,
                "outcome": self.outcome,
                "model": fit.model,
                "covariance": fit.cov_type,
                "degrees_of_freedom": fit.df,
                "level": self.level,
                "coefficients": self.frame().to_dict("records"),
                "statistics": statistics,
                "certificate": asdict(fit.certificate) | certificate,
                "margins": None if self.margins is None else self.margins.frame().to_dict("records"),
                "tests": [asdict(test) for test in self.tests],
                "variance_inflation": dict(self.inflation),
                "notes": [asdict(note) for note in self.notes],
                "warnings": list(self.warnings),
                "path": None if self.path is None else self.path.to_dict(),
                "selection": _selected(self.selection),
                "descents": {name: _descended(run) for name, run in self.descents.items()},
                "repeat": dict(self.repeat),
            }
        )
        return plain


def _selected(path: SelectionPath | None) -> dict[str, Any] | None:
    """Chosen columns by criterion."""
    if path is None:
        return None
    chosen = {criterion: [path.names[j] for j in path.columns(criterion)] for criterion in path.criteria}
    return {"search": path.search, "chosen": chosen, "criteria": path.criteria, "warning": path.warning}


def _descended(run: Descent) -> dict[str, Any]:
    """How a descent ended."""
    return {
        "step": run.step,
        "momentum": run.momentum,
        "steps": len(run.values) - 1,
        "final_gap": run.gaps[-1],
        "steps_until_negligible": run.enough(),
        "verdict": run.verdict,
        "violations": {bound: run.violation(bound) for bound in run.bounds},
        "words": run.words,
    }


def _plain(value: Any) -> Any:
    """Arrays become lists, numpy's numbers Python's, numbers that are not finite None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    return None if isinstance(value, float) and not np.isfinite(value) else value


def select_columns(model: str, problem: Problem, search: str, held: IntArray | Pairs | None) -> SelectionPath:
    """Search the best columns of each number.

    Parameters
    ----------
    model
        One of :data:`thalweg.linear.models.MODELS`.
    problem
        What is asked.
    search
        One of :data:`thalweg.linear.models.SEARCHES`.
    held
        Fold of each row, shape [N], or pairs of rows learned from and rows held out.

    Raises
    ------
    SettingError
        If the model has no such search.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> path = select_columns("ols", pose("example:diabetes"), "forward", None)
    >>> path.names[path.models[1][0]]
    'bmi'
    """
    roles: dict[str, Any] = {"weights": problem.weights, "weights_kind": problem.weights_kind, "folds": held}
    if model == "ols":
        return select(problem.features, problem.outcome, search=search, **roles)
    return select_likelihood(model, problem.features, problem.outcome, search=search, **roles)


def draw_geometry(model: str, problem: Problem, axes: tuple[str, str]) -> ShrinkageGeometry:
    """Ridge and lasso on two columns, the lasso at half the penalty that leaves nothing.

    The ridge is at λ = n, of a likelihood at half its curvature without columns.

    Parameters
    ----------
    model
        One of :data:`thalweg.linear.models.MODELS`.
    problem
        What is asked.
    axes
        Two columns of the design.

    Raises
    ------
    SettingError
        If one of them is no column of the design.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> picture = draw_geometry("ols", pose("example:diabetes"), ("bmi", "s1"))
    >>> np.flatnonzero(picture.lasso), np.flatnonzero(picture.ridge)
    (array([0]), array([0, 1]))
    """
    for name in axes:
        if name not in problem.features:
            raise SettingError(
                f"The design has no column {name!r}, named by {setting('axes')}.",
                closest(name, list(problem.features)),
            )
    X = problem.features[list(axes)].to_numpy()
    total = moments(check_rows(X, problem.outcome))
    steepest = float(np.max(np.abs(total.cross[:, 0]) / deviations(total, standardise=True)))
    if model != "ols":
        y = np.asarray(problem.outcome, dtype=np.float64)
        flat = total.total * mean_family(model).spread(y)
        return likelihood_geometry(model, X, y, lasso_penalty=steepest / 2, ridge_penalty=flat / 2)
    return shrinkage_geometry(X, problem.outcome, lasso_penalty=steepest, ridge_penalty=total.total)


def run_descents(model: str, problem: Problem) -> dict[str, Descent]:
    """Run the methods; the outcome of least squares by its standard deviation, so that one tolerance suits all.

    Parameters
    ----------
    model
        One of :data:`thalweg.linear.models.MODELS`.
    problem
        What is asked.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> runs = run_descents("ols", pose("example:diabetes"))
    >>> {key: run.converged for key, run in runs.items()}
    {'gradient': True, 'nesterov': True, 'adam': True, 'heavy-ball': True}
    """
    from thalweg.optim.adam import Adam  # noqa: PLC0415 (torch, for descents alone)

    X, y = problem.features.to_numpy(), np.asarray(problem.outcome, dtype=np.float64)
    cost = MODELS[model].public("objective")(X, y / y.std() if model == "ols" else y)
    steps = int(min(_MOST_STEPS, max(100, _DESCENT_WORK / X.size)))
    methods: dict[str, Any] = {"gradient": "gradient", "nesterov": "nesterov", "adam": Adam(0.05)}
    if cost.convexity > 0:
        methods["heavy-ball"] = "heavy-ball"
    return {name: descend(cost, method=method, steps=steps) for name, method in methods.items()}
