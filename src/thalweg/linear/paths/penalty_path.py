"""One record for every path of shrunken models, so that all can be printed and drawn alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice
from thalweg.linear.crowds.chord import SOLVED
from thalweg.linear.folds import Pairs, fold_error
from thalweg.linear.models import MODELS, PATHS
from thalweg.linear.paths.elastic_net_path import fit_elastic_net, rss_penalties
from thalweg.linear.paths.likelihood_path import likelihood_path
from thalweg.linear.paths.ridge_components import fit_components, fit_ridge_path
from thalweg.linear.rows import check_rows, weighed_rows

MIXINGS: Final = (0.1, 0.5, 0.9)
_TOLERANCE: Final = 1e-8  # relative duality gap: below a hundredth of a standard error in most tables
_IN_FOLDS: Final = "Columns are divided by their standard deviation, anew in each training set."


@dataclass(frozen=True, slots=True)
class PenaltyPath:
    """Shrunken models along one setting, with their cross-validation.

    Parameters
    ----------
    model
        Name of the model.
    setting
        Name of the setting: λ, α or components.
    objective
        What is minimised, in a formula.
    standardisation
        What the penalty sees of the columns, in a sentence.
    names
        Names of the columns, D.
    settings
        Shape [L], the simplest model first.
    coefficients
        In the units of the columns, shape [L D].
    degrees
        Effective degrees of freedom without the constant, shape [L].
    mean_error, standard_error
        Cross-validated error and its standard error over folds, shape [L].
    error
        Name of that error.
    best, one_se
        Position of the smallest error, and of the simplest model within one standard error of it.
    certificate
        How exactly the best model was reached, in a sentence.
    """

    model: str
    setting: str
    objective: str
    standardisation: str
    names: tuple[str, ...]
    settings: FloatArray
    coefficients: FloatArray
    degrees: FloatArray
    mean_error: FloatArray
    standard_error: FloatArray
    error: str
    best: int
    one_se: int
    certificate: str

    @property
    def nonzero(self) -> NDArray[np.int64]:
        """How many coefficients are not zero, shape [L]."""
        return np.asarray((self.coefficients != 0).sum(axis=1))

    @property
    def logarithmic(self) -> bool:
        """Whether settings differ by factors."""
        return self.setting != "components"

    def to_dict(self) -> dict[str, Any]:
        """Return both choices and the cross-validated curve."""
        chosen = {
            rule: {
                self.setting: self.settings[place],
                "error": self.mean_error[place],
                "nonzero": self.nonzero[place],
                "degrees": self.degrees[place],
                "coefficients": dict(zip(self.names, self.coefficients[place], strict=True)),
            }
            for rule, place in (("min", self.best), ("1se", self.one_se))
        }
        curve = {self.setting: self.settings, "error": self.mean_error, "standard_error": self.standard_error}
        texts = {name: getattr(self, name) for name in ("model", "objective", "standardisation", "error")}
        return {**texts, "certificate": self.certificate, "chosen": chosen, "curve": curve}


def penalty_path(
    kind: str,
    X: ArrayLike,
    y: ArrayLike,
    *,
    names: tuple[str, ...],
    folds: NDArray[np.int64] | Pairs,
    weights: ArrayLike | None = None,
    weights_kind: str | None = None,
    model: str = "ols",
    classes: Sequence[str] = (),
) -> PenaltyPath:
    """Compute a path of shrunken models and choose along it by cross-validation.

    Parameters
    ----------
    kind
        One of :data:`thalweg.linear.models.PATHS`; the elastic net is tried at every r of :data:`MIXINGS`.
    X, y, weights
        Design [N D], answers [N], weights of the rows [N].
    weights_kind
        What they mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`; None is ``analytic``.
    names
        Names of the columns, D.
    folds
        Fold of each row, shape [N], or pairs of rows learned from and rows held out.
    model
        One of :data:`thalweg.linear.models.MODELS`: likelihoods have a ridge alone.
    classes
        Names of the classes of a softmax path, whose coefficients are called "class: column".

    Returns
    -------
    PenaltyPath
        With both choices.

    Raises
    ------
    DataError
        If the input is wrong.
    SettingError
        If there is no such path.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(60, 3))
    >>> path = penalty_path("lasso", X, 3 * X[:, 2], names=("a", "b", "c"), folds=np.arange(60) % 5)
    >>> path.setting, path.nonzero[path.best]
    ('α', np.int64(1))
    """
    check_choice("model", model, tuple(MODELS))
    check_choice("path", kind, tuple(PATHS))
    MODELS[model].check(path=kind)
    weighed = (weights, weights_kind)
    if model != "ols":
        return _likelihood(model, X, y, names=names, folds=folds, weighed=weighed, classes=classes)
    if kind in {"ridge", "components"}:
        return _spectral(kind, X, y, names, folds, weighed)
    mixing = 1.0 if kind == "lasso" else MIXINGS
    fit = fit_elastic_net(
        X, y, mixing=mixing, weights=weights, weights_kind=weights_kind, folds=folds, tolerance=_TOLERANCE
    )
    q, best = fit.best
    ratio, alpha = float(fit.mixing[q]), float(fit.penalties[fit.best])
    total = weighed_rows(check_rows(X, y, weights), weights_kind)[0].total
    absolute, squared = rss_penalties(alpha, ratio, total)
    objective = "RSS/(2n) + α Σ|β|" if kind == "lasso" else f"RSS/(2n) + α ({ratio:g} Σ|β| + {1 - ratio:g} Σβ²/2)"
    both = f"{absolute:.4g} Σ|β|" + ("" if kind == "lasso" else f" + {squared:.4g} Σβ²")
    return PenaltyPath(
        model=PATHS[kind] if kind == "lasso" else f"{PATHS[kind]}, r = {ratio:g}",
        setting="α",
        objective=f"{objective}; at its best RSS + {both}",
        standardisation=_IN_FOLDS,
        names=names,
        settings=fit.penalties[q],
        coefficients=fit.coefficients[q],
        degrees=fit.nonzero[q].astype(np.float64) if kind == "lasso" else np.full(len(fit.penalties[q]), np.nan),
        mean_error=fit.mean_error[q],
        standard_error=fit.standard_error[q],
        error="mean squared error",
        best=best,
        one_se=fit.one_se[1],
        certificate=fit.sentence(),
    )


def _spectral(
    kind: str,
    X: ArrayLike,
    y: ArrayLike,
    names: tuple[str, ...],
    folds: NDArray[np.int64] | Pairs,
    weighed: tuple[ArrayLike | None, str | None],
) -> PenaltyPath:
    """Ridge or principal components, solved exactly."""
    ridge = kind == "ridge"
    fit = (fit_ridge_path if ridge else fit_components)(X, y, weights=weighed[0], weights_kind=weighed[1], folds=folds)
    return PenaltyPath(
        model=fit.model,
        setting="λ" if ridge else "components",
        objective="RSS + λ Σβ²" if ridge else "RSS over the first M principal components",
        standardisation=_IN_FOLDS,
        names=names,
        settings=fit.settings,
        coefficients=fit.coefficients,
        degrees=fit.degrees,
        mean_error=fit.mean_error,
        standard_error=fit.standard_error,
        error="mean squared error",
        best=fit.best,
        one_se=fit.one_se,
        certificate="Solved in closed form from one eigendecomposition per training set.",
    )


def _likelihood(
    model: str,
    X: ArrayLike,
    y: ArrayLike,
    *,
    names: tuple[str, ...],
    folds: NDArray[np.int64] | Pairs,
    weighed: tuple[ArrayLike | None, str | None],
    classes: Sequence[str],
) -> PenaltyPath:
    """Ridge-penalised logistic, Poisson or multinomial regression."""
    told = MODELS[model]
    fit = likelihood_path(model, X, y, *weighed, ridges=None, labelling=(folds, 1, 0))
    coefficients = fit.coefficients
    if coefficients.ndim > 2:
        coefficients = np.swapaxes(coefficients, 1, 2).reshape(len(coefficients), -1)
        names = tuple(f"{one}: {column}" for one in classes for column in names)
    reached = sum(status == SOLVED for status in fit.status)
    return PenaltyPath(
        model=f"{told.name} ridge",
        setting="λ",
        objective=f"{told.cost} + λ Σβ²/2",
        standardisation="Columns are divided by their standard deviation over all rows.",
        names=names,
        settings=fit.ridges,
        coefficients=coefficients,
        degrees=np.full(len(fit.ridges), np.nan),
        mean_error=fit.errors.mean(axis=1),
        standard_error=fold_error(fit.errors),
        error=told.error,
        best=fit.best,
        one_se=fit.one_se,
        certificate=f"{reached} of {len(fit.status)} fits solved by Newton's method.",
    )
