"""How exactly every model of a comparison was fitted: certificates of linear models, gradients of networks."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from thalweg.linear.certificate import Certificate, verdict_of
from thalweg.net.spec import Network
from thalweg.net.twin import to_module
from thalweg.select.certificate_records import LinearCertificate, NetworkCertificate
from thalweg.select.compare_models import CHOSEN, Trained
from thalweg.select.crossval import CrossValidation
from thalweg.select.reference import ReferenceModel
from thalweg.select.scoring.leaderboard import Leaderboard
from thalweg.select.scoring.metrics import METRICS
from thalweg.select.scoring.predictions import ModelPredictions
from thalweg.train.population import Member
from thalweg.train.steps.parameters import ParameterBlocks, split_vector

_BLOCK: Final = 4096


def linear_certificates(
    models: Sequence[ModelPredictions], finals: Sequence[ReferenceModel]
) -> tuple[LinearCertificate, ...]:
    """Summarise the certificates of every linear model over its fits.

    Parameters
    ----------
    models
        Predictions with the certificates of the fits of each fold.
    finals
        The models learned from all rows.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.settings import Settings
    >>> plan = cross_validation(pose("example:wine"), Settings(folds=3, networks=()))
    >>> from thalweg.select.compare_models import compare_models, fit_linear_models
    >>> models = compare_models(plan, Trained([], []), None)
    >>> [told.model for told in linear_certificates(models, fit_linear_models(plan)[-1])]
    ['softmax regression']
    """
    whole = {model.name: model.certificates for model in finals}
    convex = [model for model in models if whole.get(model.name)]
    return tuple(_linear(model.name, model.certificates, whole[model.name][0]) for model in convex)


def _linear(name: str, folds: Sequence[Certificate], final: Certificate) -> LinearCertificate:
    """Take the worst fit's errors, and the problem of the fit to all rows."""
    fits = [*folds, final]
    worst = max(fits, key=lambda one: one.worst)
    decrement = max(one.decrement for one in fits)
    verdict = verdict_of(decrement)
    apart = sum(one.separation != "none" for one in folds)
    separation = final.separation
    if separation == "none" and apart:
        separation = f"separated in {apart} of {len(folds)} folds"
    words = (
        f"Optimisation error at most {decrement:.2g} standard errors of any coefficient in any of {len(fits)} fits "
        f"({verdict})."
    )
    if final.rank < final.columns:
        words += f" The rows tell {final.rank} of {final.columns} coefficients apart."
    if separation != "none":
        words += f" Classes: {separation}; the ridge alone keeps coefficients finite."
    return LinearCertificate(
        model=name,
        sentence=words,
        verdict=verdict,
        fits=len(fits),
        decrement=decrement,
        worst=worst.worst,
        worst_name=worst.worst_name,
        rank=final.rank,
        columns=final.columns,
        condition=final.condition,
        separation=separation,
        ridge=final.ridge,
    )


def network_certificate(plan: CrossValidation, chosen: Trained | None, board: Leaderboard) -> NetworkCertificate | None:
    """Return what can be said of the networks that were chosen; None without networks.

    Parameters
    ----------
    plan
        Folds, rows and loss.
    chosen
        The chosen networks; those of the last view are judged.
    board
        Holds the spread over seeds.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.settings import Settings
    >>> plan = cross_validation(pose("example:wine"), Settings(folds=3, networks=()))
    >>> board = Leaderboard("multiclass", "log_loss", (), "softmax regression", "", "", (), 3, 178)
    >>> network_certificate(plan, None, board) is None
    True
    """
    fits = [] if chosen is None else [f for f in chosen.of(fold=plan.views[-1].view.number) if f.usable]
    if chosen is None or not fits:
        return None
    members = [chosen.members[fit.number] for fit in fits]
    ends = float(np.mean([_gradient(plan, m, f.parameters) for m, f in zip(members, fits, strict=True)]))
    begins = float(np.mean([_gradient(plan, m, _start(plan, m)) for m in members]))
    spread = next((row.scores[board.metric].spread.seed_sd for row in board.rows if row.model == CHOSEN), float("nan"))
    words = (
        f"No global certificate: a network's loss is not convex. After training the gradient's length is {ends:.2g}, "
        f"{ends / begins:.0%} of that at the start; "
    )
    words += (
        f"the {METRICS[board.task][board.metric].label} of trainings that differ by their seed alone has a standard "
        f"deviation of {spread:.2g}."
        if np.isfinite(spread)
        else "with one seed nothing is known of the spread between trainings."
    )
    return NetworkCertificate(CHOSEN, words, len(fits), ends, begins, float(spread), board.metric)


def _start(plan: CrossValidation, member: Member) -> NDArray[np.float64]:
    """Draw a member's start values again."""
    specs = member.network.parameters(plan.table.inputs, plan.loss.outputs(plan.table.classes))
    blocks = ParameterBlocks(specs, 1, None, torch.float64, torch.device("cpu"))
    blocks.start([0], [specs], [member.seed])
    return np.asarray(blocks.vector(0).numpy(), dtype=np.float64)


def _gradient(plan: CrossValidation, member: Member, vector: NDArray[np.floating]) -> float:
    """Length of the gradient of a member's mean training loss at some parameters."""
    assert isinstance(member.network, Network)  # a grid holds no other kind
    specs = member.network.parameters(plan.table.inputs, plan.loss.outputs(plan.table.classes))
    twin = to_module(member.network, split_vector(specs, np.asarray(vector, dtype=np.float64)))
    rows = plan.table.rows[torch.from_numpy(np.asarray(member.rows)).long()].double()
    weights = torch.ones(len(rows), dtype=torch.float64)
    if member.weights is not None:
        weights = torch.from_numpy(np.asarray(member.weights, dtype=np.float64))
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        outputs, y = twin(block[:, : plan.table.inputs]), block[:, plan.table.inputs + 1 :]
        losses = plan.loss.rows(outputs.mT[None], y.mT[None])[0]
        ((weights[start : start + _BLOCK] @ losses) / weights.sum()).backward()  # type: ignore[no-untyped-call]  # torch does not type it
    squares = 0.0
    for name, parameter in twin.named_parameters():
        if parameter.grad is not None:
            shrunk = name in specs and specs[name].penalised is not None
            slope = parameter.grad + (2 * member.penalty.ridge * parameter.detach() if shrunk else 0.0)
            squares += float(slope.square().sum())
    return math.sqrt(squares)
