"""Least squares of rows that come in batches: moments in one pass, what they leave of the residuals in the next."""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError
from thalweg.linear.certificate import certify_residuals
from thalweg.linear.covariance import CLUSTERED, CovarianceTable
from thalweg.linear.estimates import Estimates
from thalweg.linear.likelihoods.families import GAUSSIAN
from thalweg.linear.numerics.factor import ROUNDINGS, Factor, arithmetic_rounding, factor_of, informative_columns
from thalweg.linear.numerics.moment_sums import MomentSums, TriangleSums
from thalweg.linear.numerics.moments import Moments
from thalweg.linear.numerics.score_sums import Fitted, ResidualSums
from thalweg.linear.numerics.tally import RowStream
from thalweg.linear.regression import PERFECT, UndeterminedError, gaussian_likelihood
from thalweg.linear.robust import Counted, robust_covariance

_MOVED: Final = 1e-7  # relative; a correction of cross products that small leaves its square
_STILL: Final = 1e-15
_SAID: Final = 1e-9  # of a column's length: the rest of a column that effects explain

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Absorbed:
    """Effects that were taken out of the rows of a stream.

    Parameters
    ----------
    sizes
        Levels, by name.
    nested
        Those that lie within the clusters.
    singletons
        Rows left out because they were alone in a level.
    square, squares
        ``Σ w (y - mean)²`` before that, and the same of every column, shape [D].
    """

    sizes: dict[str, int]
    nested: frozenset[str]
    singletons: int
    square: float
    squares: FloatArray

    @property
    def levels(self) -> int:
        """Independent dummies, the constant among them."""
        return 1 + sum(size - 1 for size in self.sizes.values())

    def counted(self, covariance: str) -> int:
        """Dummies that take degrees of freedom of these errors."""
        if covariance not in CLUSTERED:
            return self.levels
        return 1 + sum(size - 1 for name, size in self.sizes.items() if name not in self.nested)


@dataclass(frozen=True, slots=True)
class StreamQuestion:
    """What is asked of a stream.

    Parameters
    ----------
    names
        Of the columns of the design, D.
    answer
        What is explained.
    covariance
        Of the coefficients, one of :data:`~thalweg.linear.covariance.KINDS`.
    intercept
        Whether there is a constant.
    weights_kind
        What weights mean; None without them.
    sizes
        Clusters of every set; empty without.
    absorbed
        Effects that were taken out; None without.
    """

    names: tuple[str, ...]
    answer: str = "y"
    covariance: str = "classical"
    intercept: bool = True
    weights_kind: str | None = None
    sizes: tuple[int, ...] = ()
    absorbed: Absorbed | None = field(default=None)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the constant and the columns."""
        return ("Intercept", *self.names)


@dataclass(frozen=True, slots=True)
class StreamedFit:
    """Estimates, and the standard deviation of every column with a coefficient, by name."""

    estimates: Estimates
    deviations: dict[str, float]


@dataclass(frozen=True, slots=True)
class StreamStart:
    """A factor, the coefficients solved with it, and whether cross products were enough for them."""

    factor: Factor
    theta: FloatArray
    straight: bool


def streamed_least_squares(stream: RowStream, question: StreamQuestion) -> StreamedFit:
    """Estimate by least squares what :func:`~thalweg.linear.regression.regress` estimates of rows in memory.

    Parameters
    ----------
    stream
        The rows, with weights that sum to n.
    question
        What is asked of them.

    Returns
    -------
    StreamedFit
        Without fitted values, which are as many as rows.

    Raises
    ------
    DataError
        If no degree of freedom is left, or nothing is to be explained.
    SettingError
        If the covariance is not defined.

    Examples
    --------
    >>> from thalweg.linear.numerics.tally import RowBatch, RowsInMemory
    >>> from thalweg.linear.rows import check_rows
    >>> rows = RowsInMemory(RowBatch(check_rows([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8])))
    >>> fit = streamed_least_squares(rows, StreamQuestion(("price",))).estimates
    >>> fit.params.round(2).to_dict(), fit.certificate.verdict
    ({'Intercept': 0.15, 'price': 0.94}, 'exact')

    Notes
    -----
    Well-conditioned moments are solved and corrected once by residuals of the rows; others give way to triangular
    factors of the batches, whose condition is not squared, and residuals in 32 digits.
    """
    within, intercept = question.absorbed, question.intercept
    sums = stream.tally(MomentSums(centre=intercept))
    total = sums.moments()
    nobs = whole_number(total.total)
    said = np.zeros(len(question.names), dtype=bool)
    if within is not None:  # an effect says all of it, and what is left is rounding
        said = np.diag(total.gram) <= _SAID**2 * within.squares
    start = start_of(stream, sums, total, intercept=intercept, said=said)
    kept = start.factor.kept
    names = tuple(question.labels[j] for j in ([0] * intercept + [*(1 + kept)]))
    _check(names, nobs, question)
    raw = float(total.square[0] + total.total * total.mean_y[0] ** 2)
    tss = within.square if within is not None else float(total.square[0])
    if tss <= 1e-24 * raw:
        raise DataError("The answers are all equal.", "There is nothing to explain; check the answer column.")
    theta, rss, gradient = _corrected(stream, start, intercept=intercept)
    if rss <= PERFECT**2 * raw:
        rss = 0.0
    df = nobs - len(names) - (0 if within is None else within.levels)
    bread = start.factor.inverse()
    spread = CovarianceTable(bread * rss / df, df)
    if question.covariance != "classical" and rss > 0:
        fitted = Fitted(GAUSSIAN, kept, theta, intercept=intercept, mean=start.factor.mean)
        kind = question.weights_kind or "frequency"
        beside = 0 if within is None else within.counted(question.covariance)
        counted = Counted(nobs, question.sizes, kind, beside)
        spread = robust_covariance(stream, fitted, start.factor.centred_inverse(), question.covariance, counted)
    floor = PERFECT**2 * raw / total.total
    found = Estimates(
        model="least squares",
        answer=question.answer,
        names=names,
        estimate=theta,
        covariance=spread.table,
        cov_type=question.covariance,
        df=spread.df,
        each_df=spread.each,
        undefined=tuple(names[j] for j in spread.undefined),
        nobs=nobs,
        llf=gaussian_likelihood(rss, nobs),
        llnull=gaussian_likelihood(tss, nobs),
        rsquared=1 - rss / tss,
        centred=intercept or within is not None,
        absorbed={} if within is None else within.sizes,
        absorbed_levels=0 if within is None else within.levels,
        singletons=0 if within is None else within.singletons,
        certificate=certify_residuals(start.factor, question.labels, gradient, rss=rss, best=rss, floor=floor),
        weights_kind=question.weights_kind,
        columns=question.names,
        scale=rss / df,
    )
    return StreamedFit(found, deviations_of(start.factor, question.names))


def deviations_of(factor: Factor, names: tuple[str, ...]) -> dict[str, float]:
    """Return the standard deviation of every kept column by its name.

    Examples
    --------
    >>> from thalweg.linear.least_squares import fit_least_squares
    >>> deviations_of(fit_least_squares([[0.0], [2.0]], [0.0, 1.0]).factor, ("x",))
    {'x': 1.0}
    """
    spread = factor.scale / math.sqrt(factor.total)
    return {names[j]: float(one) for j, one in zip(factor.kept, spread, strict=True)}


def whole_number(count: float) -> float:
    """Return a sum of weights without the rounding that makes a whole number broken.

    Examples
    --------
    >>> whole_number(3.0000000000000004)
    3.0
    """
    return float(round(count)) if abs(count - round(count)) <= 1e-12 * count else count


def _check(names: tuple[str, ...], nobs: float, question: StreamQuestion) -> None:
    """Refuse a question without columns, or without rows to spare."""
    if not names:
        raise DataError(
            "No column is left to explain by: every one is constant, or the effects say all of it.", "Give others."
        )
    taken = len(names) + (0 if question.absorbed is None else question.absorbed.levels)
    if nobs <= taken:
        raise UndeterminedError(
            f"{taken:,} coefficients ({len(question.names):,} columns were given) need more than {taken:,} rows, got "
            f"{nobs:g}.",
            "Use fewer columns.",
        )


def start_of(
    stream: RowStream, sums: MomentSums, total: Moments, *, intercept: bool, said: BoolArray | None = None
) -> StreamStart:
    """Solve from the moments, or from triangular factors if their condition calls for more care.

    Parameters
    ----------
    stream
        The rows.
    sums, total
        Their moments.
    intercept
        Whether there is a constant.
    said
        Columns that have no coefficient, shape [D].
    """
    scale = np.sqrt(np.maximum(np.diag(total.gram), 0.0))
    still = scale <= 1e-8 * np.sqrt(total.total) * np.abs(total.mean_x)
    varies = sums.high > sums.low if intercept else sums.largest > 0
    varies &= ~said if said is not None else True
    factor = None
    if not (still & varies).any():
        factor = factor_of(total, np.flatnonzero(~still & varies), scale, intercept=intercept)
    if factor is None:
        return _from_triangles(stream, sums, total, varies, intercept=intercept)
    slopes = factor.solve_normal(total.cross[factor.kept])[:, 0]
    return StreamStart(factor, _with_constant(factor, slopes, float(total.mean_y[0])), straight=True)


def _with_constant(factor: Factor, slopes: FloatArray, mean_y: float) -> FloatArray:
    return np.concatenate([[mean_y - factor.mean @ slopes], slopes]) if factor.intercept else slopes


def _from_triangles(
    stream: RowStream, sums: MomentSums, total: Moments, varies: BoolArray, *, intercept: bool
) -> StreamStart:
    width = len(total.mean_x)
    lengths = np.sqrt(np.maximum(np.append(np.diag(total.gram), total.square), 0.0))
    means = np.append(total.mean_x, total.mean_y)
    unit = np.where(lengths > 0, lengths, 1.0)
    R = stream.tally(TriangleSums(means, unit, intercept=intercept)).R
    R = np.vstack([R, np.zeros((max(0, width + 1 + intercept - len(R)), R.shape[1]))])
    if intercept:
        means = means + R[0, 1:] / R[0, 0] * unit  # what rounding left of the means
        R = R[1:, 1:]
    own = np.linalg.norm(R[:, :width], axis=0)
    length, noise = own * unit[:width], np.finfo(float).eps * sums.largest * np.sqrt(total.total)
    kept = np.flatnonzero(varies & (length > ROUNDINGS * noise))
    inner = R[:, kept] / own[kept]
    root, target = np.linalg.qr(inner) if len(kept) else (np.zeros((len(R), 0)), np.zeros((0, 0)))
    chosen = informative_columns(target, noise[kept] / length[kept], arithmetic_rounding(sums.count, width), len(kept))
    kept = kept[chosen]
    root, target = np.linalg.qr(inner[:, chosen]) if len(kept) else (root, target)
    values = np.linalg.svd(target, compute_uv=False) if len(kept) else np.ones(1)
    factor = Factor(
        R=target,
        kept=kept,
        scale=length[kept],
        mean=means[kept],
        total=total.total,
        width=width,
        intercept=intercept,
        condition=float(values[0] / values[-1]),
    )
    aim = (root.T @ R[:, width]) * unit[width]
    slopes = np.linalg.solve(target, aim) / factor.scale if len(kept) else np.zeros(0)
    return StreamStart(factor, _with_constant(factor, slopes, float(means[width])), straight=False)


def _corrected(stream: RowStream, start: StreamStart, *, intercept: bool) -> tuple[FloatArray, float, FloatArray]:
    """Return coefficients corrected by residuals of the rows, their RSS, and the last gradient that was seen."""
    factor, theta, last = start.factor, start.theta, math.inf
    while True:
        fitted = Fitted(
            GAUSSIAN, factor.kept, theta, intercept=intercept, mean=factor.mean, extended=not start.straight
        )
        found = stream.tally(ResidualSums(fitted))
        white = factor.whiten(found.gradient)
        step = -factor.unwhiten(white)
        with np.errstate(divide="ignore", invalid="ignore"):
            size = float(np.max(np.abs(step) / np.maximum(np.abs(theta), np.finfo(float).tiny)))
        if not size <= last / 2:  # rounding: no correction is better than the one before
            return theta, found.rss, found.gradient
        theta, last = theta + step, size
        if size <= (_MOVED if start.straight else _STILL):
            return theta, max(0.0, found.rss - float(white @ white)), found.gradient
