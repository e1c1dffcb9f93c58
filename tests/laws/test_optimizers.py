"""Twenty steps of every optimizer, schedule and penalty equal torch.optim's; five steps equal reference values."""

import numpy as np
import pytest
import torch

from laws.bench import make_table
from laws.oracle import row_losses
from laws.registry import INPUTS, LOSSES, OPTIMIZERS, SCHEDULES
from thalweg.base.contracts import Piece
from thalweg.loss.penalty import Penalty
from thalweg.net.spec import mlp
from thalweg.net.twin import to_module
from thalweg.optim.adagrad import AdaGrad
from thalweg.optim.adam import Adam
from thalweg.optim.adamax import AdaMax
from thalweg.optim.gradient import GradientDescent
from thalweg.optim.momentum import Momentum
from thalweg.optim.rmsprop import RMSProp
from thalweg.optim.schedule import Constant, StepDecay
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, crowd_of
from thalweg.train.steps.order import epoch_order
from thalweg.train.steps.parameters import ParameterBlocks, split_vector

ROWS, STEPS = 40, 20
LOSS, CLASSES = LOSSES["squared, two outcomes"]


class DeckAdam(torch.optim.Optimizer):
    """Adam with ε under the root, straight from the formula."""

    def __init__(self, groups, lr):
        super().__init__(groups, {"lr": lr, "weight_decay": 0.0})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                s = self.state[p]
                s.setdefault("m", torch.zeros_like(p)), s.setdefault("r", torch.zeros_like(p))
                s["t"] = t = s.get("t", 0) + 1
                g = p.grad + group["weight_decay"] * p
                s["m"] = 0.9 * s["m"] + 0.1 * g
                s["r"] = 0.999 * s["r"] + 0.001 * g**2
                p.sub_(group["lr"] * (s["m"] / (1 - 0.9**t)) / torch.sqrt(s["r"] / (1 - 0.999**t) + 1e-8))


def torch_optimizer(ours, groups):
    lr = ours.learning_rate
    match ours:
        case GradientDescent():
            return torch.optim.SGD(groups, lr)
        case Momentum():
            return torch.optim.SGD(groups, lr, momentum=ours.momentum, nesterov=ours.nesterov)
        case AdaGrad():
            return torch.optim.Adagrad(groups, lr, eps=ours.epsilon)
        case RMSProp():
            return torch.optim.RMSprop(groups, lr, alpha=ours.rho, eps=ours.epsilon)
        case Adam(epsilon_inside=True):
            return DeckAdam(groups, lr)
        case Adam():
            return torch.optim.Adam(groups, lr)
        case AdaMax():
            return torch.optim.Adamax(groups, lr, eps=ours.epsilon)
    raise AssertionError(f"no torch optimizer for {ours}")


def groups_of(module, weight_decay):
    """Weights decay, biases do not."""
    weights = [p for n, p in module.named_parameters() if n.endswith("weight")]
    biases = [p for n, p in module.named_parameters() if n.endswith("bias")]
    return [{"params": weights, "weight_decay": weight_decay}, {"params": biases, "weight_decay": 0.0}]


def started_module(member):
    specs = member.network.parameters(INPUTS, CLASSES)
    blocks = ParameterBlocks(specs, 1, 0, torch.float64, torch.device("cpu"))
    blocks.start([0], [specs], [member.seed])
    return to_module(member.network, split_vector(specs, blocks.vector(0).numpy()))


def by_torch(table, member, optimizer, module):
    """Train the twin on the member's own batches."""
    crowd = crowd_of(member, table)
    base = [group["lr"] for group in optimizer.param_groups]
    for epoch in range(member.epochs):
        order, places = epoch_order(crowd, member, epoch, table.count)
        for step in range(crowd.steps):
            factor = member.schedule.factor(epoch * crowd.steps + step, epoch, crowd.steps, member.epochs)
            for group, lr in zip(optimizer.param_groups, base, strict=True):
                group["lr"] = lr * factor
            rows = table.rows[torch.from_numpy(order[step][places[step] >= 0]).long()]
            optimizer.zero_grad()
            row_losses(LOSS, module(rows[:, :INPUTS]), rows[:, INPUTS + 1 :]).mean().backward()
            optimizer.step()
    return module.state_dict()


def check(member, make_optimizer):
    table = make_table(LOSS, CLASSES, ROWS)
    module = started_module(member)
    expected = by_torch(table, member, make_optimizer(module), module)
    fit = fit_population(table, [member], workers=1)
    ours = to_module(member.network, fit.named(0)).state_dict()
    for name, value in expected.items():
        assert torch.allclose(ours[name], value, rtol=1e-9, atol=1e-10), name


def a_member(optimizer, **settings):
    settings = {"batch": None, "epochs": STEPS, "seed": 3} | settings
    return Member(mlp((7,), "tanh"), LOSS, np.arange(ROWS, dtype=np.int32), optimizer=optimizer, **settings)


@pytest.mark.parametrize("ridge", [0.0, 0.03])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_twenty_steps_equal_torch(optimizer, ridge):
    ours = OPTIMIZERS[optimizer]
    member = a_member(ours, penalty=Penalty(ridge=ridge))
    check(member, lambda module: torch_optimizer(ours, groups_of(module, 2 * ridge)))


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_schedules_act_on_every_optimizer_as_in_torch(optimizer, schedule):
    ours = OPTIMIZERS[optimizer]
    member = a_member(ours, schedule=SCHEDULES[schedule], batch=13, epochs=6)  # 13 + 13 + 13 + 1 rows
    check(member, lambda module: torch_optimizer(ours, groups_of(module, 0.0)))


@pytest.mark.parametrize("schedule", [Constant(), StepDecay(every=5)])
def test_decoupled_decay_is_adamw_on_the_weights(schedule):
    member = a_member(Adam(0.01), penalty=Penalty(decay=0.1), schedule=schedule)
    check(member, lambda module: torch.optim.AdamW(groups_of(module, 0.1), lr=0.01))


def test_step_decay_is_torch_step_lr():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = torch.optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.5)
    for epoch in range(12):
        assert SCHEDULES["step decay"].factor(7 * epoch, epoch, 7, 12) == pytest.approx(theirs.get_last_lr()[0])
        optimizer.step()
        theirs.step()


def test_cosine_is_torch_cosine_annealing():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30, eta_min=0.0)
    from thalweg.optim.schedule import Cosine

    for step in range(30):
        assert Cosine().factor(step, step // 3, 3, 10) == pytest.approx(theirs.get_last_lr()[0])
        optimizer.step()
        theirs.step()


GRADIENTS = (1.0, -0.5, 0.25, 0.1, -2.0)
FIVE_STEPS = [  # w after five steps from w = 1, computed to 40 digits from the formulas
    (Momentum(0.1, momentum=0.9), 1.0, 0.87569),
    (Momentum(0.1, momentum=0.9, nesterov=True), 1.0, 1.003121),
    (AdaGrad(0.1), 1.0, 1.00089454866314),
    (RMSProp(0.01, rho=0.9), 1.0, 1.000986548547614),
    (Adam(0.1), 1.0, 0.8399767725469054),
    (Adam(0.1, epsilon_inside=True), 1.0, 0.8399767718906317),
    (AdaMax(0.1), 1.0, 0.854731225453187),
    (Adam(0.1), 1e-5, 0.8401863651065073),
    (Adam(0.1, epsilon_inside=True), 1e-5, 0.9872600948902752),
]


@pytest.mark.parametrize("scale", [1.0, 0.25])
@pytest.mark.parametrize(("optimizer", "size", "expected"), FIVE_STEPS)
def test_five_steps_equal_the_reference_values(optimizer, size, expected, scale):
    """The optimizer receives gradients without the loss's constant ``scale`` and puts it back."""
    w, g, step = torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64), torch.zeros(())
    states = tuple(torch.zeros(1, dtype=torch.float64) for _ in range(optimizer.states))
    rate = torch.tensor(optimizer.rate(scale), dtype=torch.float64)
    calls = optimizer.wire([Piece(w, g, states, step)], rate, scale)
    for gradient in GRADIENTS:
        step += 1
        g.fill_(gradient * size / scale)
        for _, call in calls:
            call()
    assert w.item() == pytest.approx(expected, rel=1e-13)
