"""The models that are kept: learned from all rows, saved without pickle, applied to new rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_number
from thalweg.base.errors import SettingError, setting
from thalweg.base.keeping.json_files import read_json, readable
from thalweg.base.keeping.tensors import read_tensors
from thalweg.base.weighing import FREQUENCY
from thalweg.data.encode import Encoder
from thalweg.data.reading.ramps import ARRAYS, Ramps
from thalweg.select.compare_models import CHOSEN, ENSEMBLE, Trained
from thalweg.select.crossval import Choice, CrossValidation
from thalweg.select.learning.boosted_trees import BOOSTING, BoostedTrees
from thalweg.select.learning.outputs import class_predictions
from thalweg.select.learning.recipe import TASK_LOSSES
from thalweg.select.record import from_plain, to_plain
from thalweg.select.reference import ReferenceModel
from thalweg.select.scoring.covering import covering_value
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions
from thalweg.select.settings import NetworkSetting
from thalweg.train.predict import predict_outputs
from thalweg.train.steps.parameters import split_vector

WEIGHTS_FILE, FACTS_FILE = "weights.safetensors", "model.json"


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Predictions for new rows.

    Parameters
    ----------
    values
        [N 1] in units of the outcome, or probabilities [N C].
    seed_sd
        Standard deviation over seeds, same shape: how much of a prediction is the luck of one training. It is no
        interval for the outcome. None for models without seeds.
    """

    values: FloatArray
    seed_sd: FloatArray | None


@dataclass(frozen=True, slots=True, eq=False)
class Predictor:
    """All models of a run, ready for new rows.

    Parameters
    ----------
    task, target, classes
        What is predicted.
    recommended
        The model used unless another is asked for.
    encoder
        Turns a table into features.
    linear
        Baseline and linear models, by name.
    setting
        The network that was chosen; None if no network was compared.
    networks
        One parameter vector per usable seed.
    boosted
        Gradient boosting; None if it was left out.
    centre, scale
        Of a numeric outcome, for the networks.
    ramps
        What networks see beside the encoded features.
    labels
        The classes as values of the target's own type.
    left_out
        Absolute residuals of rows by the models that did not see them [n], by name; none for classes, and for folds in
        order of time, whose rows are not exchangeable with new ones.
    groups
        Group or cluster of those rows [n]; None for independent ones.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.compare_models import fit_linear_models
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.settings import Settings
    >>> plan = cross_validation(pose("example:wine"), Settings(folds=3, networks=()))
    >>> predictor = build_predictor(plan, [], None, fit_linear_models(plan)[-1], "softmax regression")
    >>> predictor.predict(plan.views[-1].sample.x[:1]).values.round(2).tolist()
    [[1.0, 0.0, 0.0]]
    """

    task: str
    target: str
    classes: tuple[str, ...]
    recommended: str
    encoder: Encoder
    linear: Sequence[ReferenceModel]
    setting: NetworkSetting | None
    networks: Sequence[NDArray[np.floating]]
    boosted: BoostedTrees | None
    centre: float
    scale: float
    ramps: Ramps = field(default_factory=Ramps.none)
    labels: tuple[str | int | float | bool, ...] = ()
    left_out: Mapping[str, FloatArray] = field(default_factory=dict)
    groups: IntArray | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Models that may be asked for."""
        several = len(self.networks) > 1 or self.recommended == ENSEMBLE
        networks = (CHOSEN, *([ENSEMBLE] if several else [])) if self.networks else ()
        return (*networks, *(model.name for model in self.linear), *([BOOSTING] if self.boosted else []))

    def predict(self, x: FloatArray, model: str | None = None) -> Prediction:
        """Predict encoded rows [N D].

        The network is that of the first usable seed, the ensemble the mean over all of them.

        Raises
        ------
        SettingError
            If the model is unknown.
        """
        name = model or self.recommended
        for linear in self.linear:
            if linear.name == name:
                return Prediction(linear.predict(x), None)
        if name == BOOSTING and self.boosted is not None:
            return Prediction(self.boosted.predict(x), None)
        if name not in self.names or self.setting is None:
            raise SettingError(f"There is no model {name!r} in this run.", f"It has {', '.join(self.names)}.")
        values = self._from_outputs(self._outputs(x))
        sd = values.std(axis=0, ddof=1) if len(values) > 1 else None
        return Prediction(values[0] if name == CHOSEN else values.mean(axis=0), sd)

    def interval(self, x: FloatArray, level: float, model: str | None = None) -> FloatArray:
        """Return bounds for the outcome of encoded rows [N 2]: prediction ± :meth:`reach`.

        Raises
        ------
        SettingError
            If the model is unknown, or has no such residuals.
        """
        centre, reach = self.predict(x, model).values[:, :1], self.reach(level, model)
        return np.concatenate([centre - reach, centre + reach], axis=1)

    def reach(self, level: float, model: str | None = None) -> float:
        """Return a high value of held-out residuals, which intervals add to a prediction on both sides.

        It is the ⌈(n + 1) level⌉-th smallest absolute residual of n rows, each by models that did not see it;
        with groups, for a row of a new group. What such intervals covered is in ``studies/run_intervals.txt``.

        Raises
        ------
        SettingError
            If the model is unknown, or has no such residuals.

        References
        ----------
        Barber, Candès, Ramdas & Tibshirani (2021), doi:10.1214/20-AOS1965, section 1: the jackknife, here over folds.
        """
        check_number("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
        name = model or self.recommended
        if name not in self.names:
            raise SettingError(f"There is no model {name!r} in this run.", f"It has {', '.join(self.names)}.")
        if name not in self.left_out:
            why = "Classes have probabilities" if self.task != "regression" else "Folds in order of time"
            raise SettingError(
                f"{why}: there is no interval for the outcome in this run.",
                f"Leave {setting('level')} out.",
            )
        return float(covering_value(self.left_out[name][:, None], level, self.groups)[0])

    def _outputs(self, x: FloatArray) -> FloatArray:
        assert self.setting is not None
        columns = len(self.classes) if self.task == "multiclass" else 1
        seen = self.ramps.beside(x)
        return predict_outputs(self.setting.network(), TASK_LOSSES[self.task], self.networks, seen, columns)

    def _from_outputs(self, outputs: FloatArray) -> FloatArray:
        return class_predictions(outputs, self.task, self.centre, self.scale)

    def files(self) -> Mapping[str, bytes]:
        """Return what is written into a run's folder: tensors by name, everything else as JSON."""
        tensors: dict[str, NDArray[Any]] = {}
        for model in self.linear:
            tensors |= {f"{model.name}/{key}": np.ascontiguousarray(v) for key, v in model.tensors().items()}
        boosted = {} if self.boosted is None else self.boosted.tensors()
        tensors |= {f"{BOOSTING}/{name}": values for name, values in boosted.items()}
        tensors |= {f"left_out/{name}": values for name, values in self.left_out.items()}
        tensors |= {} if self.groups is None else {"left_out_groups": self.groups}
        if self.setting is not None:
            tensors |= {f"ramps/{name}": values for name, values in self.ramps.arrays().items()}
            width = len(self.encoder.feature_names) + len(self.ramps)
            outputs = len(self.classes) if self.task == "multiclass" else 1
            specs = self.setting.network().parameters(width, outputs)
            for seed, vector in enumerate(self.networks):
                parts = split_vector(specs, vector)
                tensors |= {f"network/{seed}/{key}": np.ascontiguousarray(value) for key, value in parts.items()}
        facts = {
            "task": self.task,
            "target": self.target,
            "classes": list(self.classes),
            "labels": list(self.labels),
            "recommended": self.recommended,
            "encoder": self.encoder.to_dict(),
            "linear": [{"name": m.name, "note": m.note} for m in self.linear],
            "setting": None if self.setting is None else to_plain(self.setting),
            "networks": len(self.networks),
            "boosted": self.boosted is not None,
            "centre": self.centre,
            "scale": self.scale,
        }
        return {WEIGHTS_FILE: save(tensors), FACTS_FILE: json.dumps(facts, indent=1, ensure_ascii=False).encode()}

    @classmethod
    def read(cls, folder: Path) -> "Predictor":
        """Read the models of a finished run.

        Raises
        ------
        RunFolderError
            If the files are missing or damaged.
        """
        facts, tensors = read_json(folder / FACTS_FILE), read_tensors(folder / WEIGHTS_FILE).arrays
        with readable(folder / FACTS_FILE):
            return cls._rebuild(facts, tensors)

    @classmethod
    def _rebuild(cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> "Predictor":
        setting = None if facts["setting"] is None else from_plain(NetworkSetting, facts["setting"])
        encoder = Encoder.from_dict(facts["encoder"])
        linear = [
            ReferenceModel(
                m["name"],
                facts["task"],
                tensors[f"{m['name']}/coefficients"],
                tensors[f"{m['name']}/intercept"],
                m["note"],
            )
            for m in facts["linear"]
        ]
        networks: list[NDArray[np.floating]] = []
        ramps = Ramps.none()
        if setting is not None:
            ramps = Ramps(*(tensors[f"ramps/{name}"] for name in ARRAYS))
            outputs = len(facts["classes"]) if facts["task"] == "multiclass" else 1
            names = setting.network().parameters(len(encoder.feature_names) + len(ramps), outputs)
            networks = [
                np.concatenate([tensors[f"network/{seed}/{name}"].ravel() for name in names])
                for seed in range(facts["networks"])
            ]
        parts = {key.removeprefix(f"{BOOSTING}/"): tensors[key] for key in tensors if key.startswith(f"{BOOSTING}/")}
        keys = ("task", "target", "recommended", "centre", "scale")
        return cls(
            **{key: facts[key] for key in keys},
            classes=tuple(facts["classes"]),
            labels=tuple(facts["labels"]),
            encoder=encoder,
            ramps=ramps,
            left_out={key.removeprefix("left_out/"): tensors[key] for key in tensors if key.startswith("left_out/")},
            groups=tensors.get("left_out_groups"),
            linear=linear,
            setting=setting,
            networks=networks,
            boosted=BoostedTrees.of_tensors(facts["task"], parts) if facts["boosted"] else None,
        )


def build_predictor(
    plan: CrossValidation,
    choices: Sequence[Choice],
    chosen: Trained | None,
    linear: Sequence[ReferenceModel],
    recommended: str,
    *,
    boosted: Sequence[BoostedTrees] = (),
    judged: HeldOutRows | None = None,
    models: Sequence[ModelPredictions] = (),
) -> Predictor:
    """Gather the models learned from all rows.

    Parameters
    ----------
    plan
        Whose last view is that of all rows.
    choices
        The choice for all rows is the last.
    chosen
        The chosen networks; None for none.
    linear
        The linear models learned from all rows.
    recommended
        Name of the model the verdict recommends.
    boosted
        Boosted trees, those of all rows last; none without boosting.
    judged, models
        Held-out rows, and what each model predicted for them, for intervals.

    Returns
    -------
    Predictor
        Diverged networks are left out.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.compare_models import fit_linear_models
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.settings import Settings
    >>> plan = cross_validation(pose("example:wine"), Settings(folds=3, networks=()))
    >>> build_predictor(plan, [], None, fit_linear_models(plan)[-1], "softmax regression").names
    ('class shares', 'softmax regression')
    """
    last, problem = plan.views[-1], plan.problem
    fits = [] if chosen is None else chosen.of(fold=last.view.number)
    return Predictor(
        task=problem.task,
        target=problem.target,
        classes=problem.classes,
        recommended=recommended,
        encoder=last.encoder,
        linear=linear,
        setting=plan.settings.networks[choices[-1].setting] if choices else None,
        networks=[f.parameters for f in fits if f.usable],
        boosted=boosted[-1] if boosted else None,
        centre=float(last.sample.scaling.centre_y[0]),
        scale=float(last.sample.scaling.scale_y[0]),
        ramps=last.sample.scaling.ramps,
        labels=problem.labels,
        left_out={} if judged is None else _left_out(judged, models),
        groups=None if judged is None or judged.groups is None else _repeated(judged, judged.groups),
    )


def _left_out(judged: HeldOutRows, models: Sequence[ModelPredictions]) -> dict[str, FloatArray]:
    """Return absolute residuals of held-out rows [n] by model; of a network those of its first seed."""
    if judged.task != "regression" or judged.in_time:
        return {}
    pairs = ((model.name, np.abs(judged.outcome - model.values[0, :, 0])) for model in models)
    return {name: _repeated(judged, size) for name, size in pairs if np.isfinite(size).all()}


def _repeated(judged: HeldOutRows, values: NDArray[Any]) -> NDArray[Any]:
    """Return values of rows, each as often as a frequency weight says."""
    if judged.weights_kind != FREQUENCY or judged.weights is None:
        return np.ascontiguousarray(values)
    return np.repeat(values, judged.weights.astype(np.int64))
