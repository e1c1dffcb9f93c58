"""An optimizer walked by hand: one number, the gradients it meets, and where it is after every step."""

import torch

from thalweg.base.contracts import Piece


def walk(optimizer, gradients, start=0.0, scale=1.0):
    """Return the number after every step; the gradients given are to be multiplied by ``scale``."""
    width = 32  # as aligned as the engine's parameters
    value, gradient = torch.full((width,), start, dtype=torch.float64), torch.zeros(width, dtype=torch.float64)
    states = tuple(torch.zeros(width, dtype=torch.float64) for _ in range(optimizer.states))
    step, rate = torch.zeros(()), torch.tensor(optimizer.rate(scale), dtype=torch.float64)
    calls = optimizer.wire([Piece(value, gradient, states, step)], rate, scale)
    places = []
    for found in gradients:
        gradient.fill_(found)
        step += 1
        for _, call in calls:
            call()
        assert (value == value[0]).all()
        places.append(value[0].item())
    return places


WRONG_RATES = [0.0, -1.0, float("nan"), float("inf"), "fast"]
