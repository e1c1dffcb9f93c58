"""Fitted estimators as one safetensors file: every number as a tensor, everything else as JSON, nothing pickled."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from thalweg.base.errors import SettingError
from thalweg.base.files import path_of, write_whole
from thalweg.base.keeping.digests import SEAL, arrays_digest
from thalweg.base.keeping.json_files import parse_json, readable
from thalweg.base.keeping.tensors import read_tensors
from thalweg.base.run_folder import refuse_version
from thalweg.base.version import __version__
from thalweg.data.reading.ramps import ARRAYS as ARRAYS_OF_RAMPS
from thalweg.data.reading.ramps import Ramps
from thalweg.estimators.ensemble.faces import fitted_face
from thalweg.estimators.ensemble.frame_encoding import FrameEncoder
from thalweg.estimators.ensemble.inputs import Classes
from thalweg.estimators.ensemble.linear_group import LinearGroup
from thalweg.estimators.ensemble.model_population import Joined, ModelGroup, ModelPopulation
from thalweg.estimators.ensemble.network_group import NetworkGroup, TrainedNetwork
from thalweg.estimators.keeping.plain_settings import settings_from_plain, settings_to_plain
from thalweg.estimators.keeping.streams import stream_from, stream_tensors
from thalweg.estimators.setting_checks import check_settings, settled
from thalweg.select.learning.lessons import Scaling
from thalweg.select.learning.observations import Observations
from thalweg.select.learning.recipe import make_recipe
from thalweg.train.result import MemberFit
from thalweg.train.steps.parameters import vector_size

Tensors = dict[str, NDArray[Any]]
HOMES = {"NetRegressor": "regressor", "NetClassifier": "classifier"} | dict.fromkeys(
    ("LinearRegressor", "LogisticClassifier"), "linear"
)
SCALES = ("centre_x", "scale_x", "centre_y", "scale_y", "fill_x")
LEARNED = ("temperature_", "n_iter_", "parameter_count_", "_single_outcome")
OWN_CODE, GIVEN = ("network", "loss"), "given"
ARRAYS = ("coef_", "intercept_", "loss_curve_", "validation_curve_")


def save_estimator(model: Any, path: str | Path, *, intervals: bool = True) -> Path:
    """Write a fitted estimator as one file.

    Parameters
    ----------
    model
        An estimator of this package, or a search, whose best estimator is meant.
    path
        The file, such as ``model.safetensors``; every tensor in it has a name and can be read without thalweg.
    intervals
        Whether to keep what intervals and effects need, the training rows, folds and bootstrap samples, and the memory
        of the optimizers. Without, the file holds no row of the data, the estimator read from it only predicts, and
        ``partial_fit`` begins with an optimizer that starts.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SettingError
        If a setting cannot be written, or what was given is no path. Of a torch module or a loss of your own the file
        holds the numbers; its code is given again to :func:`load_estimator`.
    RunFolderError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from thalweg.estimators.linear import LinearRegressor
    >>> model = LinearRegressor(folds=3).fit([[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0])
    >>> path = save_estimator(model, tempfile.mkdtemp() + "/line.safetensors")
    >>> load_estimator(path).predict([[4.0]]).round(6).tolist()
    [9.0]
    """
    place, model = path_of("path", path), fitted_face(model)
    name = type(model).__name__
    tensors, facts = _population(model.population_, intervals=intervals)
    tensors |= stream_tensors(getattr(model, "_ongoing", None))
    for key in ARRAYS:
        if getattr(model, key, None) is not None:
            tensors[key] = np.asarray(getattr(model, key), dtype=np.float64)
    classes = getattr(model, "_classes", None)
    about = {
        "estimator": name,
        "version": __version__,
        "settings": {key: _plain_or_given(v, key) for key, v in _own_settings(model).items()},
        "learned": {key: getattr(model, key) for key in LEARNED if hasattr(model, key)},
        "features": int(model.n_features_in_),
        "names": list(getattr(model, "feature_names_in_", [])),
        "encoder": None if model.encoder_ is None else model.encoder_.to_dict(),
        "classes": None if classes is None else [classes.task, classes.labels.dtype.str, classes.labels.tolist()],
        "population": facts,
    }
    arrays, text = {k: np.ascontiguousarray(v) for k, v in tensors.items()}, json.dumps(about)
    content: bytes = save(arrays, {"thalweg": text, SEAL: arrays_digest(arrays, text)})
    write_whole(place, content)
    return place


def load_estimator(path: str | Path, **given: Any) -> Any:
    """Read a fitted estimator; its predictions are those of the one that was saved, bit for bit.

    ``partial_fit`` goes on where it was, its optimizer too.

    Parameters
    ----------
    path
        A file of :func:`save_estimator`.
    given
        ``network`` or ``loss``, where the estimator had a torch module or a loss of your own: the same class, function
        or module, whose code no file holds.

    Returns
    -------
    NetRegressor, NetClassifier, LinearRegressor or LogisticClassifier
        Fitted.

    Raises
    ------
    RunFolderError
        If the file is not one, is damaged, or was written by another version.
    SettingError
        If code of your own is not given, or is of another size.

    Examples
    --------
    >>> import tempfile
    >>> from thalweg.estimators.linear import LogisticClassifier
    >>> model = LogisticClassifier().fit([[0.0], [1.0], [2.0], [3.0]], ["no", "no", "yes", "yes"])
    >>> load_estimator(save_estimator(model, tempfile.mkdtemp() + "/choice.safetensors")).predict([[2.9]]).tolist()
    ['yes']
    """
    place = path_of("path", path)
    remedy = "Check the path, or save the estimator again."
    file = read_tensors(place, remedy)
    with readable(place, remedy):
        text = file.texts["thalweg"]
        about = parse_json(text)
        refuse_version(place, about)
        if arrays_digest(file.arrays, text) != file.texts.get(SEAL):
            raise ValueError("its SHA-256 is not the one it carries")
    _check_given(about["settings"], given)
    with readable(place, remedy):
        model = _rebuild(about, file.arrays, given)
    _check_size(model.population_.final)
    return model


def _plain_or_given(value: Any, name: str) -> Any:
    """Return a setting as JSON; of code of the user only what it is called."""
    try:
        return settings_to_plain(value, name)
    except SettingError:
        if name not in OWN_CODE:
            raise
        return {GIVEN: getattr(value, "__qualname__", type(value).__qualname__)}


def _is_given(setting: Any) -> bool:
    return isinstance(setting, dict) and GIVEN in setting


def _check_given(settings: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raise if the code that a file does not hold is not given, or something is that it holds."""
    for name, value in settings.items():
        if _is_given(value) and name not in given:
            raise SettingError(
                f"This estimator has a {name} of your own, {value[GIVEN]}, whose code no file holds.",
                f"Give it again: load_estimator(path, {name}={value[GIVEN]}).",
            )
    more = sorted(name for name in given if not _is_given(settings.get(name)))
    if more:
        raise SettingError(f"{', '.join(more)} cannot be given: the file holds it.", "Leave it out.")


def _check_size(final: ModelGroup) -> None:
    """Raise if a network that was given is not that of the file."""
    for model in _models(final):
        if isinstance(model, TrainedNetwork):
            specs = model.network.parameters(model.scaling.width, model.loss.outputs(model.classes))
            size, kept = vector_size(specs), len(model.fit.parameters)
            if size != kept:
                raise SettingError(
                    f"The network given has {size:,} parameters, that of the file {kept:,}.",
                    "Give the one that was trained.",
                )


def _own_settings(model: Any) -> Mapping[str, Any]:
    """Return the settings that predictions depend on or a refit needs.

    A splitter has done its work, a generator has moved on; folder of runs and executor are those of another machine.
    """
    settings = dict(model.get_params(deep=False))
    if not isinstance(settings["folds"], (int, type(None))):
        settings["folds"] = len(model.population_.folds)
    if not isinstance(settings["random_state"], Integral):
        settings["random_state"] = None
    return settings | {name: None for name in ("out", "executor") if name in settings}


def _population(population: ModelPopulation, *, intervals: bool) -> tuple[Tensors, dict[str, Any]]:
    groups = {"final": population.final}
    tensors: Tensors = {}
    if intervals:
        rows = population.rows
        tensors |= {"rows/x": rows.x, "rows/y": rows.y, "rows/origin": rows.origin, "bags": population.bags}
        tensors |= {} if rows.weights is None else {"rows/weights": rows.weights}
        tensors |= {} if rows.places is None else {"rows/places": rows.places}
        tensors |= {} if rows.groups is None else {"rows/groups": rows.groups}
        tensors |= {} if rows.time is None else {"rows/time": rows.time}
        tensors["rows/count"] = np.array([rows.count])
        for key in ("out_of_fold", "out_of_bag"):
            if getattr(population, key) is not None:
                tensors[key] = getattr(population, key)
        parts = zip(population.folds, population.learned, population.held_out, strict=True)
        for number, (group, learned, held) in enumerate(parts):
            groups[f"fold {number}"] = group
            tensors |= {f"fold {number}/learned": learned, f"fold {number}/held_out": held}
        groups |= {} if population.bootstrap is None else {"bootstrap": population.bootstrap}
    facts = {}
    for name, group in groups.items():
        models = _models(group)
        facts[name] = [_model_facts(model) for model in models]
        for number, model in enumerate(models):
            tensors |= {f"{name}/{number}/{key}": value for key, value in _model_tensors(model).items()}
            if intervals and isinstance(model, TrainedNetwork) and model.fit.state is not None:
                tensors[f"{name}/{number}/state"] = model.fit.state
    return tensors, facts


def _models(group: ModelGroup) -> Sequence[LinearGroup | TrainedNetwork]:
    if isinstance(group, Joined):
        return [model for part in group.groups for model in _models(part)]
    if isinstance(group, NetworkGroup):
        return group.networks
    assert isinstance(group, LinearGroup)
    return [group]


def _model_facts(model: LinearGroup | TrainedNetwork) -> dict[str, Any]:
    if isinstance(model, LinearGroup):
        return {}
    fit = model.fit
    return {"number": fit.number, "status": fit.status, "reason": fit.reason, "best_epoch": fit.best_epoch}


def _model_tensors(model: LinearGroup | TrainedNetwork) -> Tensors:
    if isinstance(model, LinearGroup):
        return {"coefficients": model.coefficients, "intercept": model.intercept, "fill": model.fill}
    fit = model.fit
    curves = {"training_loss": fit.training_loss, "validation_loss": fit.validation_loss}
    scales = {key: getattr(model.scaling, key) for key in SCALES}
    ramps = {f"ramps/{key}": value for key, value in model.scaling.ramps.arrays().items()}
    return {"parameters": fit.parameters} | curves | scales | ramps


@dataclass(frozen=True, slots=True)
class _Reader:
    """Rebuilds models from tensors."""

    tensors: Mapping[str, NDArray[Any]]
    settings: Mapping[str, Any]
    task: str
    columns: int

    def group(self, name: str, facts: Sequence[Mapping[str, Any]]) -> ModelGroup:
        if f"{name}/0/coefficients" in self.tensors:
            return (
                Joined([self._line(f"{name}/{n}") for n in range(len(facts))])
                if len(facts) > 1
                else self._line(f"{name}/0")
            )
        return NetworkGroup([self._network(f"{name}/{n}", fact) for n, fact in enumerate(facts)], self.task)

    def _line(self, place: str) -> LinearGroup:
        parts = {key: self.tensors[f"{place}/{key}"] for key in ("coefficients", "intercept", "fill")}
        return LinearGroup(**parts, task=self.task)

    def _network(self, place: str, fact: Mapping[str, Any]) -> TrainedNetwork:
        ramps = Ramps(*(self.tensors[f"{place}/ramps/{key}"] for key in ARRAYS_OF_RAMPS))
        scales: dict[str, Any] = {key: self.tensors[f"{place}/{key}"] for key in SCALES}
        scaling = Scaling(**scales, ramps=ramps)
        recipe = make_recipe(self.settings, self.task, (scaling.width, self.columns))
        parts: dict[str, Any] = {
            key: self.tensors[f"{place}/{key}"] for key in ("parameters", "training_loss", "validation_loss")
        }
        parts["state"] = self.tensors.get(f"{place}/state")
        return TrainedNetwork(recipe.network, recipe.loss, self.columns, scaling, MemberFit(**parts, **fact))


def _rebuild(about: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], given: Mapping[str, Any]) -> Any:
    kind = getattr(import_module(f"thalweg.estimators.{HOMES[about['estimator']]}"), about["estimator"])
    settings = {
        key: given[key] if _is_given(value) else settings_from_plain(value) for key, value in about["settings"].items()
    }
    model = kind(**settings)
    task = "regression"
    if about["classes"] is not None:
        task, letters, labels = about["classes"]
        classes = Classes(np.array(labels, dtype=letters), task)
        model._classes, model.classes_ = classes, classes.labels  # noqa: SLF001 - what fit would have set
    for key in LEARNED:  # no other name of the file is ever set
        if key in about["learned"]:
            setattr(model, key, about["learned"][key])
    for key in ARRAYS:
        if key in tensors:
            setattr(model, key, tensors[key] if tensors[key].ndim else float(tensors[key]))
    model.n_features_in_ = int(about["features"])
    model.encoder_ = None if about["encoder"] is None else FrameEncoder.from_dict(about["encoder"])
    if about["names"]:
        model.feature_names_in_ = np.array(about["names"], dtype=object)
    model.population_ = _read_population(about["population"], tensors, model.get_params(deep=False), task)
    if not isinstance(model.population_.final, LinearGroup):
        model._ongoing = stream_from(tensors, model.population_)  # noqa: SLF001 - what fit would have set
        model._settled = settled(check_settings(model.get_params(deep=False)))  # noqa: SLF001 - the same
    return model


def _read_population(
    facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], settings: Mapping[str, Any], task: str
) -> ModelPopulation:
    columns = len(tensors["final/0/centre_y"]) if "final/0/centre_y" in tensors else 1
    reader = _Reader(tensors, settings, task, columns)
    folds = [name for name in facts if name.startswith("fold ")]
    nothing = np.zeros((0, 0))
    rows = Observations(nothing, nothing, None, np.zeros(0, dtype=np.int64))
    if "rows/x" in tensors:
        rows = Observations(
            tensors["rows/x"],
            tensors["rows/y"],
            tensors.get("rows/weights"),
            tensors["rows/origin"],
            tensors.get("rows/places"),
            float(tensors["rows/count"][0]),
            groups=tensors.get("rows/groups"),
            time=tensors.get("rows/time"),
        )
    return ModelPopulation(
        rows=rows,
        final=reader.group("final", facts["final"]),
        folds=[reader.group(name, facts[name]) for name in folds],
        learned=[tensors[f"{name}/learned"] for name in folds],
        held_out=[tensors[f"{name}/held_out"] for name in folds],
        bootstrap=reader.group("bootstrap", facts["bootstrap"]) if "bootstrap" in facts else None,
        bags=tensors.get("bags", np.zeros((0, 0), dtype=np.int32)),
        out_of_fold=tensors.get("out_of_fold"),
        out_of_bag=tensors.get("out_of_bag"),
    )
