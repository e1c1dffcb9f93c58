"""Would a ``torch.func`` stack train torch modules faster than one after the other, and to the same bits?

    python benchmarks/module_stack.py > benchmarks/results/module_stack.md

Gradients of several members by vmap(grad_and_value) of functional_call over stacked parameters, against autograd for
each alone; one thread, processor time (so that a busy machine does not count), least of several rounds.
"""

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, stack_module_state, vmap

from tables import markdown

SIZES = (1, 2, 4, 8, 16)
ROUNDS, CALLS = 5, 20


class Block(nn.Module):
    """A residual block of convolutions; group norm, since batch norm writes statistics in place."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        first, second = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        self.body = nn.Sequential(first, nn.GroupNorm(2, channels), nn.ReLU(), second)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.body(x))


class Attention(nn.Module):
    """One encoder layer over eight positions, without dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.enter, self.leave = nn.Linear(8, 16), nn.Linear(16, 10)
        self.encoder = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.leave(self.encoder(self.enter(x)).mean(1))


def residual_net() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), Block(8), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10))


def even_stack() -> nn.Module:
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def odd_stack() -> nn.Module:
    return nn.Sequential(nn.Linear(64, 33), nn.GELU(), nn.Linear(33, 7), nn.Tanh(), nn.Linear(7, 10))


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    build: Callable[[], nn.Module]
    shape: tuple[int, ...]


CASES = (
    Case("perceptron 64-64-64-10", even_stack, (64,)),
    Case("perceptron 64-33-7-10", odd_stack, (64,)),
    Case("ResNet, 8 channels of 8 x 8", residual_net, (1, 8, 8)),
    Case("transformer, 8 positions of 16", Attention, (8, 8)),
)


class Crowd:
    """Members of one architecture with rows of their own, and two ways to their gradients."""

    def __init__(self, case: Case, batch: int) -> None:
        torch.manual_seed(0)
        self.members = [case.build() for _ in range(max(SIZES))]
        self.x = torch.randn(len(self.members), batch, *case.shape)
        self.y = torch.randint(0, 10, (len(self.members), batch))
        self.skeleton = copy.deepcopy(self.members[0]).to("meta")
        self.together = vmap(grad_and_value(self._loss))

    def _loss(self, parameters: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        return nn.functional.cross_entropy(functional_call(self.skeleton, parameters, (x,)), y)

    def stacked(self, places: Sequence[int]) -> Callable[[], dict[str, Tensor]]:
        """Return the call that gives the gradients [S ...] of some members, in that order."""
        parameters, _ = stack_module_state([self.members[place] for place in places])
        parameters = {name: value.detach() for name, value in parameters.items()}
        x, y = self.x[list(places)], self.y[list(places)]
        return lambda: self.together(parameters, x, y)[0]

    def vectors(self, places: Sequence[int]) -> dict[int, Tensor]:
        found = self.stacked(places)()
        return {p: torch.cat([g[slot].reshape(-1) for g in found.values()]) for slot, p in enumerate(places)}

    def alone(self, place: int) -> Tensor:
        """Return a member's gradient by autograd."""
        module = self.members[place]
        module.zero_grad()
        nn.functional.cross_entropy(module(self.x[place]), self.y[place]).backward()
        return torch.cat([parameter.grad.reshape(-1) for parameter in module.parameters()])


def differing(crowd: Crowd) -> list[str]:
    """Return how many members differ: from autograd, from a stack of one, from another place in a stack of four."""
    every = range(len(crowd.members))
    eights = {place: v for first in (0, 8) for place, v in crowd.vectors(range(first, first + 8)).items()}
    fours = [crowd.vectors(places) for places in ((0, 1, 2, 3), (3, 0, 1, 2), (2, 3, 0, 1), (1, 2, 3, 0))]
    by_autograd = sum(not torch.equal(eights[place], crowd.alone(place)) for place in every)
    by_size = sum(not torch.equal(eights[place], crowd.vectors([place])[place]) for place in every)
    by_place = sum(any(not torch.equal(fours[0][p], other[p]) for other in fours[1:]) for p in range(4))
    return [f"{by_autograd} of 16", f"{by_size} of 16", f"{by_place} of 4"]


def microseconds(call: Callable[[], object]) -> float:
    call()
    rounds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(CALLS):
            call()
        rounds.append((time.process_time() - started) / CALLS * 1e6)
    return min(rounds)


def main() -> None:
    torch.set_num_threads(1)
    bits, times = [], []
    for case in CASES:
        bits.append([case.name, *differing(Crowd(case, 32))])
        for batch in (32, 128):
            crowd = Crowd(case, batch)
            one = microseconds(lambda crowd=crowd: crowd.alone(0))
            ratios = [one * size / microseconds(crowd.stacked(range(size))) for size in SIZES]
            times.append([case.name, str(batch), f"{one:.0f}", *(f"{ratio:.2f}" for ratio in ratios)])
    print(f"torch {torch.__version__}, one thread. Members whose gradient differs in at least one bit, batch 32:\n")
    print(markdown(["module", "stack of 8 / autograd", "stack of 8 / of 1", "another place in a stack of 4"], bits))
    print("\nProcessor time of one member's gradient by autograd (µs), and how many times faster a stack of S is:\n")
    print(markdown(["module", "batch", "autograd", *(f"S = {size}" for size in SIZES)], times))


if __name__ == "__main__":
    main()
