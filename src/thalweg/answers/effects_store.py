"""An answer about effects as files: numbers in safetensors, records in JSON, and back again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from thalweg.answers.storing import NUMBERS_FILE, RECORDS_FILE
from thalweg.base.errors import SettingError, setting
from thalweg.base.keeping.json_files import read_json, readable
from thalweg.base.keeping.tensors import read_tensors
from thalweg.effects.answer import EffectsAnswer
from thalweg.effects.experiment.conduct import Imbalance, SampleRatio
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.experiment.reading import Reading
from thalweg.effects.identification.support import Support
from thalweg.effects.inference.common_scale import CommonScale
from thalweg.effects.inference.cross_fitted import CrossFit, Model, Nuisance
from thalweg.effects.inference.evaluate import Evaluation
from thalweg.effects.inference.link_spread import spread_over_links
from thalweg.effects.inference.scale_choice import ScaleChoice
from thalweg.effects.inference.specification import Wald
from thalweg.effects.inference.weights import WeightSummary
from thalweg.effects.links.link import LINKS, Link, find_link
from thalweg.effects.training import Training
from thalweg.select.record import from_plain, to_plain

_EXPERIMENT: Final = ("x", "y", "cells", "received", "shares", "clusters", "weights", "groups", "time")
_EVALUATION: Final = (
    "scores",
    "estimates",
    "errors",
    "doubts",
    "plug_in",
    "unstructured",
    "unstructured_estimates",
    "unstructured_errors",
    "losses",
)
Record = TypeVar("Record")


def named_link(link: object) -> str:
    """Return the name by which a link can be found again.

    Raises
    ------
    SettingError
        If it is not one of the named links: functions cannot be written into a folder.

    Examples
    --------
    >>> named_link(LINKS["sigmoid2"])
    'sigmoid2'
    """
    name = link.name if isinstance(link, Link) else str(link)
    if isinstance(link, Link) and (name not in LINKS or LINKS[name].curve is not link.curve):
        raise SettingError(
            f"Link {name!r} is not a named one and cannot be kept in a folder.",
            f"Leave out {setting('out')}, or use {', '.join(LINKS)}.",
        )
    return name


def answer_files(answer: EffectsAnswer) -> Mapping[str, bytes]:
    """Return the files an answer can be read from again.

    Examples
    --------
    See ``tests/jobs/effects/test_experiment.py``.
    """
    return {NUMBERS_FILE: save(_tensors(answer)), RECORDS_FILE: json.dumps(_records(answer), indent=1).encode()}


def _tensors(answer: EffectsAnswer) -> dict[str, NDArray[Any]]:
    reading, evaluation = answer.reading, answer.evaluation
    found: dict[str, NDArray[Any] | None] = {
        f"experiment/{name}": getattr(reading.experiment, name) for name in _EXPERIMENT
    }
    found |= {f"evaluation/{name}": getattr(evaluation, name) for name in _EVALUATION}
    found |= {"order": reading.order, "baseline": reading.baseline, "targets": answer.targets}
    found |= {"folds": answer.fit.folds}
    for name, nuisances in (("parameters", answer.fit.nuisances), ("others", answer.fit.others)):
        for number, nuisance in enumerate(nuisances):
            found |= {f"{name}/{number}/index": nuisance.index, f"{name}/{number}/scale": nuisance.scale}
    return {name: np.ascontiguousarray(value) for name, value in found.items() if value is not None}


def _records(answer: EffectsAnswer) -> dict[str, Any]:
    reading, evaluation, fit = answer.reading, answer.evaluation, answer.fit
    link = fit.model.link
    records = {
        "treatments": reading.treatments,
        "features": reading.features,
        "target": reading.target,
        "ratio": reading.ratio,
        "balance": reading.balance,
        "reading_notes": reading.notes,
        "rows": reading.rows,
        "link": {"name": named_link(link), "low": link.low, "height": link.height},
        "scale_kind": fit.model.scale_kind,
        "binary": fit.model.binary,
        "retried": fit.retried,
        "ridge": fit.ridge,
        "loss": fit.loss,
        "weights": evaluation.weights,
        "scales": evaluation.scales,
        "link_test": evaluation.link_test,
        "scale_test": evaluation.scale_test,
        "supports": answer.supports,
        "scale_choice": answer.scale_choice,
        "link_losses": dict(answer.link_losses),
        "training": answer.training,
        "seed": answer.seed,
        "notes": answer.notes,
    }
    plain: dict[str, Any] = to_plain(records)
    return plain


def read_answer(folder: Path) -> EffectsAnswer:
    """Read an answer from its folder.

    Raises
    ------
    RunFolderError
        If files are missing or damaged.

    Examples
    --------
    See ``tests/jobs/effects/test_experiment.py``.
    """
    records, arrays = read_json(folder / RECORDS_FILE), read_tensors(folder / NUMBERS_FILE).arrays
    with readable(folder / RECORDS_FILE):
        return _rebuild(records, arrays)


def _rebuild(records: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> EffectsAnswer:
    def some(kind: type[Record], name: str) -> tuple[Record, ...]:
        return tuple(from_plain(kind, value) for value in records[name])

    def perhaps(kind: type[Record], name: str) -> Record | None:
        return None if records[name] is None else from_plain(kind, records[name])

    reading = Reading(
        experiment=Experiment(**{name: tensors.get(f"experiment/{name}") for name in _EXPERIMENT}),  # type: ignore[arg-type]  # optional columns come as None
        treatments=tuple(records["treatments"]),
        features=tuple(records["features"]),
        target=records["target"],
        order=tensors["order"],
        baseline=tensors["baseline"],
        ratio=perhaps(SampleRatio, "ratio"),
        balance=some(Imbalance, "balance"),
        notes=tuple(records["reading_notes"]),
        rows=records["rows"],
    )
    facts = records["link"]
    link = find_link(facts["name"], low=facts["low"], height=facts["height"])
    nuisances, others = (
        tuple(
            Nuisance(tensors[f"{name}/{r}/index"], tensors[f"{name}/{r}/scale"]) for r in range(len(tensors["folds"]))
        )
        for name in ("parameters", "others")
    )
    fit = CrossFit(
        model=Model(link, records["scale_kind"], records["binary"]),
        folds=tensors["folds"],
        nuisances=nuisances,
        others=others,
        retried=records["retried"],
        ridge=records["ridge"],
        loss=records["loss"],
    )
    evaluation = Evaluation(
        **{name: tensors[f"evaluation/{name}"] for name in _EVALUATION},
        weights=some(WeightSummary, "weights"),
        scales=some(CommonScale, "scales"),
        link_test=from_plain(Wald, records["link_test"]),
        scale_test=perhaps(Wald, "scale_test"),
    )
    return EffectsAnswer(
        reading=reading,
        targets=tensors["targets"],
        fit=fit,
        evaluation=evaluation,
        supports=some(Support, "supports"),
        scale_choice=perhaps(ScaleChoice, "scale_choice"),
        link_losses=records["link_losses"],
        link_spread=spread_over_links(
            reading.experiment, evaluation.unstructured, tensors["targets"], reading.baseline, link
        ),
        training=from_plain(Training, records["training"]),
        seed=records["seed"],
        notes=tuple(records["notes"]),
    )
