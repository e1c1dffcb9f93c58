"""What fitting a network estimator is, the same for numbers and for classes."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from sklearn.utils.metaestimators import available_if

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import shown
from thalweg.base.errors import SettingError, setting
from thalweg.base.machine.free_memory import memory_told
from thalweg.data.notes import Note
from thalweg.estimators.callbacks import EpochTasks, ProgressLines
from thalweg.estimators.ensemble.dependence import look_for_dependence
from thalweg.estimators.ensemble.inputs import base_seed, given_validation
from thalweg.estimators.setting_checks import check_settings, read_seeds, settled
from thalweg.select.learning.observations import InputError, Observations
from thalweg.train.progress import Progress

if TYPE_CHECKING:
    from thalweg.estimators.ensemble.networks import NetworkFit

Method = TypeVar("Method", bound=Callable[..., Any])


class NetworkEstimator(Protocol):
    """What fitting asks of an estimator."""

    random_state: Any
    out: Any
    run_folder_: Any
    notes_: tuple[Note, ...]
    parameter_count_: int
    _ongoing: Any
    _settled: Any

    def get_params(self, deep: bool = True) -> Mapping[str, Any]:
        """Return the settings."""
        ...

    def _read(
        self, X: Any, y: Any, sample_weight: Any, groups: Any = None, time: Any = None
    ) -> tuple[Observations, str]: ...

    def _outcomes(self, y: Any) -> FloatArray: ...

    def _learned(self, found: "NetworkFit") -> None: ...


def keep_settings(estimator: Any, given: Mapping[str, Any]) -> None:
    """Set an estimator's settings as attributes of the same names; ``given`` is ``locals()`` of its constructor."""
    for name, value in given.items():
        if name not in {"self", "__class__"}:
            setattr(estimator, name, value)


def streamed(method: Method) -> Method:
    """Offer ``partial_fit`` where it can be honoured: not with folds, for it keeps no rows to predict out of fold."""
    return cast("Method", available_if(_can_stream)(method))


def _can_stream(model: Any) -> bool:
    if model.folds is not None:
        raise AttributeError(
            f"partial_fit cannot honour folds={model.folds!r}: out-of-fold predictions need the rows of all calls, and "
            "none is kept. Set folds=None, or use fit; bootstrap=50 works with partial_fit and carries intervals."
        )
    return True


@memory_told("Give fewer rows or columns, or ask for fewer or smaller networks.")
def fit_estimator(
    model: NetworkEstimator,
    X: Any,
    y: Any,
    sample_weight: Any,
    X_val: Any,
    y_val: Any,
    *,
    groups: Any,
    time: Any,
) -> None:
    """Train the population an estimator describes, in a run folder if it has one.

    Parameters
    ----------
    model
        The estimator; it learns.
    X, y, sample_weight, groups, time
        Rows to learn from.
    X_val, y_val
        The user's own validation rows, or None.
    """
    settings = check_settings(model.get_params(deep=False))
    rows, task = model._read(X, y, sample_weight, groups, time)  # noqa: SLF001 - the estimators' own tool
    model.notes_ = look_for_dependence(model, X, y, rows)
    from thalweg.estimators.ensemble.networks import fit_networks, ramps_of  # noqa: PLC0415 - loads torch
    from thalweg.estimators.ensemble.own_validation import Validation  # noqa: PLC0415 - the same
    from thalweg.select.learning.recipe import wanted_ramps  # noqa: PLC0415 - loads torch

    own = given_validation(model, X_val, y_val)
    validation = None if own is None else Validation(own[0], model._outcomes(own[1]))  # noqa: SLF001 - see above
    if validation is not None and validation.y.shape[1] != rows.y.shape[1]:
        raise InputError(
            f"y_val has {validation.y.shape[1]} columns and y {rows.y.shape[1]}.", "Give outcomes of the same shape."
        )
    tasks, lines = EpochTasks(model, settings["epochs"]), ProgressLines(settings["epochs"], shown=settings["verbose"])
    model.parameter_count_ = parameter_count(rows, task, settings, len(ramps_of([rows], wanted_ramps(settings))))
    lines.begin(len(read_seeds("seeds", settings["seeds"])), model.parameter_count_)

    def on_progress(progress: Progress) -> None:
        tasks.advance(progress)
        lines.advance(progress)

    seed = base_seed(model.random_state)
    before = getattr(model, "population_", None) if settings["warm_start"] else None
    options: dict[str, Any] = {"seed": seed, "validation": validation, "on_progress": on_progress, "before": before}
    if model.out is None:
        found = fit_networks(rows, task, settings, **options)
    else:
        from thalweg.estimators.keeping.tracking import tracked_fit  # noqa: PLC0415 - loads torch

        found, model.run_folder_ = tracked_fit(model, rows, task, settings, **options)
    tasks.end()
    model._ongoing, model._settled = None, settled(settings)  # noqa: SLF001 - see above
    model._learned(found)  # noqa: SLF001 - see above
    lines.end(found.mean_curves())
    if model.out is not None:
        from thalweg.estimators.keeping.tracking import finish_tracked  # noqa: PLC0415 - loads torch

        finish_tracked(model, task, found.population, model.run_folder_)


def going_on(model: Any) -> tuple[dict[str, Any], Any]:
    """Return an estimator's settings, checked, and where ``partial_fit`` goes on; None to start.

    Raises
    ------
    SettingError
        If a setting was changed that the networks were built with.
    """
    settings = check_settings(model.get_params(deep=False))
    if not hasattr(model, "population_"):
        return settings, None
    before = getattr(model, "_settled", {})
    for name, value in settled(settings).items():
        if name in before and value != before[name]:
            raise SettingError(
                f"partial_fit goes on with {setting(name)}={shown(before[name])}, got {shown(value)}.",
                f"Set {setting(name)}={shown(before[name])}, or start anew with fit or a clone.",
            )
    if model.population_.rows.groups is not None and settings["bootstrap"] is not None:
        raise SettingError(
            f"{setting('bootstrap')} samples of this fit are of whole groups, and those of partial_fit are of rows.",
            f"Use fit with groups, or {setting('bootstrap')}=None.",
        )
    if model._ongoing is not None:  # noqa: SLF001 - the estimators' own tool
        return settings, model._ongoing  # noqa: SLF001 - see above
    from thalweg.estimators.ensemble.incremental import ongoing_after_fit  # noqa: PLC0415 - loads torch

    return settings, ongoing_after_fit(model.population_, model.loss_curve_, settings)


def continue_estimator(
    model: NetworkEstimator, rows: Observations, task: str, settings: Mapping[str, Any], before: Any
) -> None:
    """Train an estimator's networks for one more pass over some rows, with settings that were checked."""
    from thalweg.estimators.ensemble.incremental import continue_networks  # noqa: PLC0415 - loads torch

    seed = base_seed(model.random_state)
    model._ongoing, found = continue_networks(rows, task, settings, seed=seed, before=before)  # noqa: SLF001 - see above
    model._settled = settled(settings)  # noqa: SLF001 - see above
    ramps = before.seeds.networks[0].scaling.ramps if before is not None else ()
    model.parameter_count_ = parameter_count(rows, task, settings, len(ramps))
    model._learned(found)  # noqa: SLF001 - see above
    if model.out is not None:
        from thalweg.estimators.keeping.tracking import keep_stream  # noqa: PLC0415 - loads torch

        model.run_folder_ = keep_stream(model, rows, task, seed=seed)


def parameter_count(rows: Observations, task: str, settings: Mapping[str, Any], ramps: int) -> int:
    """Return the trained parameters of one network that sees so many ramps."""
    from thalweg.estimators.ensemble.networks import columns_of  # noqa: PLC0415 - loads torch
    from thalweg.select.learning.recipe import make_recipe  # noqa: PLC0415 - loads torch

    inputs, outputs = columns_of(rows, ramps)
    recipe = make_recipe(settings, task, (inputs, outputs))
    return recipe.network.count(inputs, recipe.loss.outputs(outputs))
