"""Logistic and Poisson regression of rows that come in batches: Newton's method, one pass over the rows a step."""

import math
from dataclasses import replace
from typing import Final

import numpy as np
from scipy import linalg

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError
from thalweg.linear.certificate import Certificate, worst_error
from thalweg.linear.covariance import CLUSTERED, CovarianceTable
from thalweg.linear.estimates import Estimates
from thalweg.linear.likelihoods.contract import MeanFamily
from thalweg.linear.likelihoods.separation import SeparatedError
from thalweg.linear.numerics.factor import Factor
from thalweg.linear.numerics.moment_sums import MomentSums
from thalweg.linear.numerics.newton import minimise, newton_decrement, newton_step
from thalweg.linear.numerics.score_sums import Fitted
from thalweg.linear.numerics.tally import RowStream
from thalweg.linear.regression import UndeterminedError
from thalweg.linear.robust import Counted, robust_covariance
from thalweg.linear.streamed.likelihood_sums import NOTHING, OutstandingRows, StreamCoordinates, StreamCost
from thalweg.linear.streamed.stream_regression import StreamedFit, StreamQuestion, deviations_of, start_of, whole_number

_STRAIGHT: Final = 1e3  # condition up to which standardised columns are coordinates good enough
_EXTREME_ETA: Final = 12.0  # fitted probabilities this close to 0 or 1 are looked at for separation
_NEAR: Final = 0.1  # standard errors; a decrement above says too little of the distance to the maximum
_FEW: Final = 2000  # rows that a linear program is solved for
_ROUNDS: Final = 20


def streamed_likelihood(stream: RowStream, family: MeanFamily, question: StreamQuestion) -> StreamedFit:
    """Maximise a likelihood as :func:`~thalweg.linear.likelihood_regression.logistic_regression` and its kin do.

    Parameters
    ----------
    stream
        The rows, with weights that sum to n.
    family
        The likelihood.
    question
        What is asked of them; the model has a constant.

    Raises
    ------
    DataError
        If the columns separate the answers, so that no finite maximum exists, or too few rows are left.
    SettingError
        If the covariance is not defined.

    Examples
    --------
    >>> from thalweg.linear.likelihoods.families import POISSON
    >>> from thalweg.linear.numerics.tally import RowBatch, RowsInMemory
    >>> from thalweg.linear.rows import check_rows
    >>> rows = RowsInMemory(RowBatch(check_rows([[0.0], [1.0], [2.0], [3.0]], [1, 2, 4, 8])))
    >>> streamed_likelihood(rows, POISSON, StreamQuestion(("x",))).estimates.params.round(3).to_dict()
    {'Intercept': 0.0, 'x': 0.693}
    """
    sums = stream.tally(MomentSums(centre=True))
    total = sums.moments()
    if not total.square[0] > 0:
        raise DataError("The answers are all equal.", "There is nothing to explain; check the answer column.")
    factor = start_of(stream, sums, total, intercept=True).factor
    names = tuple(question.labels[j] for j in (0, *(1 + factor.kept)))
    nobs = whole_number(total.total)
    if nobs <= len(names):
        raise UndeterminedError(f"{len(names):,} coefficients need more rows, got {nobs:g}.", "Use fewer columns.")
    at = _coordinates(factor)
    cost = StreamCost(stream, family, at)
    start = np.zeros(len(names))
    start[0] = family.link(float(total.mean_y[0]))
    null = cost.value(start)
    found = minimise(cost, start)
    best = found.theta + found.step if found.converged else found.theta
    there = cost.sums(best)
    local = there.local
    step = newton_step(local.hessian, local.gradient)
    decrement = newton_decrement(local, step)
    _refuse_separated(stream, family, at, best, there.extreme, decrement, names)
    T = at.transform()
    bread = T @ np.linalg.pinv(local.hessian, hermitian=True) @ T.T
    theta = T @ best
    spread = CovarianceTable(bread, math.inf)
    if question.covariance != "classical":
        fitted = Fitted(family, factor.kept, theta, intercept=True, mean=factor.mean)
        inner = np.linalg.solve(fitted.back(), T)
        held = inner @ np.linalg.pinv(local.hessian, hermitian=True) @ inner.T
        counted = Counted(nobs, question.sizes, question.weights_kind or "frequency", likelihood=True)
        spread = robust_covariance(stream, fitted, held, question.covariance, counted)
    certificate = Certificate(
        model=family.name,
        rows=total.total,
        columns=len(question.labels),
        rank=len(names),
        condition=factor.condition,
        dropped=tuple(name for name in question.names if name not in names),
        decrement=decrement if decrement < _NEAR else math.inf,
        worst=math.inf,
        worst_name="",
        gradient=float(np.abs(local.gradient).max()),
    )
    worst, worst_name = worst_error(T @ step, np.sqrt(np.diag(bread)), names)
    fit = Estimates(
        model=family.name,
        answer=question.answer,
        names=names,
        estimate=theta,
        covariance=spread.table,
        cov_type=question.covariance,
        df=spread.df if question.covariance in CLUSTERED else math.inf,
        undefined=tuple(names[j] for j in spread.undefined),
        nobs=nobs,
        llf=-local.value - there.constant,
        llnull=-null - there.constant,
        certificate=replace(certificate, worst=worst, worst_name=worst_name) if decrement < _NEAR else certificate,
        weights_kind=question.weights_kind,
        columns=question.names,
    )
    return StreamedFit(fit, deviations_of(factor, question.names))


def _coordinates(factor: Factor) -> StreamCoordinates:
    """Return standardised columns, or orthogonal ones if those are ill-conditioned."""
    deviation = factor.scale / math.sqrt(factor.total)
    if factor.condition <= _STRAIGHT:
        return StreamCoordinates(factor.kept, factor.mean, deviation)
    turn = np.eye(1 + len(factor.kept))
    turn[1:, 1:] = linalg.solve_triangular(factor.R, np.eye(len(factor.R)))
    return StreamCoordinates(factor.kept, factor.mean, deviation, turn)


def _refuse_separated(
    stream: RowStream,
    family: MeanFamily,
    at: StreamCoordinates,
    theta: FloatArray,
    extreme: float,
    decrement: float,
    names: tuple[str, ...],
) -> None:
    """Say what separates the answers; looked for only where fitted values are extreme.

    A linear program over the rows that stand out, to which those are added that its answer makes worse, until no row
    is made worse, which separates, or nothing separates even the rows that were gathered.
    """
    if extreme < _EXTREME_ETA and decrement < 1.0:  # never true of NaN
        return
    point = theta if np.isfinite(theta).all() else np.zeros_like(theta)
    found = stream.tally(OutstandingRows(family, at, point, _FEW, worst=False))
    A, y = found.A, found.y
    for _ in range(_ROUNDS):
        separation = family.separation(A, y)
        if separation is None or separation.direction is None:
            return
        direction = separation.direction
        eta = A @ direction
        direction = direction / max(float(np.abs(eta).max()), float(np.finfo(float).tiny))
        found = stream.tally(OutstandingRows(family, at, direction, _FEW // 4, worst=True))
        if found.least >= -NOTHING:
            told = replace(separation, complete=found.improved == found.count, rows=found.improved, of=found.count)
            raise SeparatedError(told.words(names), family.remedy)
        wrong = found.score > NOTHING
        A, y = np.concatenate([A, found.A[wrong]]), np.concatenate([y, found.y[wrong]])
