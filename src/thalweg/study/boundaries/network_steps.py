"""How a network is computed: activations with their derivatives, and the operations of one step as they are run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count
from thalweg.net.activation import RULES
from thalweg.net.spec import mlp
from thalweg.net.twin import ACTIVATIONS
from thalweg.optim.adam import Adam
from thalweg.study.sample import StudySample
from thalweg.train.backend import backend_of
from thalweg.train.population import Member, crowd_of

SPAN, POINTS = 4.0, 161
FORWARD, LOSS, BACKWARD, UPDATE = "forward", "loss", "backward", "update"
PRODUCTS: Final = 6  # operations per parameter and row: two forward, four backward


@dataclass(frozen=True, slots=True)
class StepOperation:
    """One operation of a step.

    Parameters
    ----------
    part
        "forward", "loss", "backward" or "update".
    layer
        The layer it belongs to, counted from 1; 0 for loss and update.
    text
        What it says.
    shape
        Of what it writes.
    flops, bytes
        Floating-point operations, and bytes read and written.
    target
        The buffer it writes.
    """

    part: str
    layer: int
    text: str
    shape: tuple[int, ...]
    flops: int
    bytes: int
    target: str


@dataclass(frozen=True, slots=True, eq=False)
class BackpropStudy:
    """One step of one network, and the activations there are.

    Parameters
    ----------
    table, target
        On what.
    inputs, outputs, hidden
        Widths.
    activation
        Of the hidden layers.
    batch, rows, epochs
        Rows of a step, of the table, and passes over it.
    parameters
        Θ.
    steps
        Operations of a step, in the order in which they run.
    names, z, values, slopes
        Activations, where they are drawn [G], φ and φ' there [A G].
    """

    table: str
    target: str
    inputs: int
    outputs: int
    hidden: tuple[int, ...]
    activation: str
    batch: int
    rows: int
    epochs: int
    parameters: int
    steps: tuple[StepOperation, ...]
    names: tuple[str, ...]
    z: FloatArray
    values: FloatArray
    slopes: FloatArray

    @property
    def step_flops(self) -> int:
        """Floating-point operations of a step."""
        return sum(step.flops for step in self.steps)

    @property
    def training_flops(self) -> int:
        """Those of all passes; each has as many steps as batches."""
        return self.step_flops * self.epochs * -(-self.rows // self.batch)

    @property
    def rule_flops(self) -> int:
        """6 N D: six operations per parameter and row seen."""
        return PRODUCTS * self.parameters * self.rows * self.epochs

    def part_flops(self, part: str) -> int:
        """Return the operations of one part."""
        return sum(step.flops for step in self.steps if step.part == part)

    @property
    def sentence(self) -> str:
        """What a step costs, and its parts."""
        back = self.part_flops(BACKWARD) / max(self.part_flops(FORWARD), 1)
        return (
            f"A step on {self.batch} rows runs {len(self.steps)} operations, {self.step_flops:,} flop; the way back "
            f"costs {back:.2g} times the way forward. {self.epochs} passes take {self.training_flops:.3g} flop; by the "
            f"rule 6 x parameters x rows it is {self.rule_flops:.3g}."
        )


def backprop_study(
    sample: StudySample,
    *,
    hidden: Sequence[int] = (8, 8),
    activation: str = "tanh",
    batch: int = 32,
    epochs: int = 100,
    seed: int = 0,
    workers: int | None = None,  # noqa: ARG001 - all studies are called alike; nothing is trained
    watch: object = None,  # noqa: ARG001 - the same
) -> BackpropStudy:
    """Return the operations of one training step, as the engine runs them, with what each costs.

    Nothing is trained: the program of the step is written, not run.

    Parameters
    ----------
    sample
        The rows.
    hidden, activation
        The network.
    batch, epochs
        Rows of a step, passes over the rows.
    seed, workers, watch
        Not needed.

    Returns
    -------
    BackpropStudy
        Operations, costs, activations.

    Raises
    ------
    SettingError
        If a setting makes no sense.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.study.sample import sample_of
    >>> study = backprop_study(sample_of(pose("example:iris")), hidden=(3,))
    >>> [step.text for step in study.steps if step.part == "forward"]
    ['z = x W', 'a = tanh z', 'q = W xᵀ + b']
    """
    check_count("batch", batch)
    check_count("epochs", epochs)
    table, network = sample.table(), mlp(tuple(hidden), activation)
    rows = np.arange(sample.rows, dtype=np.int32)
    member = Member(network, sample.loss, rows, seed=seed, optimizer=Adam(1e-3), batch=batch)
    program = backend_of(network).program(crowd_of(member, table), member, table)
    z = np.linspace(-SPAN, SPAN, POINTS)
    curves = {name: _curve(name, z) for name in RULES}
    operations = [(op.text, op.shape, op.flops, op.bytes, op.target, op.product) for op in program.ops]
    return BackpropStudy(
        sample.name,
        sample.target,
        sample.x.shape[1],
        sample.outputs,
        tuple(hidden),
        activation,
        member.batch_rows,
        sample.rows,
        epochs,
        network.count(sample.x.shape[1], sample.outputs),
        _parts(operations, len(hidden) + 1),
        tuple(curves),
        z,
        np.stack([value for value, _ in curves.values()]),
        np.stack([slope for _, slope in curves.values()]),
    )


def _parts(
    operations: Sequence[tuple[str, tuple[int, ...], int, int, str, bool]], layers: int
) -> tuple[StepOperation, ...]:
    """Say of every operation to which part and layer it belongs.

    Forwards every product begins a layer; backwards a layer ends with the product that goes on to the layer below.
    """
    gradients = [place for place, op in enumerate(operations) if op[4] == "gradient"]
    first, last = gradients[0], gradients[-1]
    found, layer, back = [], 0, layers
    for place, (text, shape, flops, moved, target, product) in enumerate(operations):
        if place > last:
            part, of = UPDATE, 0
        elif place >= first:
            part, of = BACKWARD, back
            back -= product and target != "gradient"
        else:
            layer += product
            output = layer == layers and not product
            part, of = (LOSS, 0) if output else (FORWARD, layer)
        found.append(StepOperation(part, of, text, shape, flops, moved, target))
    return tuple(found)


def _curve(name: str, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return an activation and its derivative."""
    at = torch.from_numpy(z).clone().requires_grad_()
    value = ACTIVATIONS[name]()(at)
    (slope,) = torch.autograd.grad(value.sum(), at)
    return value.detach().numpy(), slope.numpy()
