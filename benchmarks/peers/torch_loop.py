"""Eager PyTorch with fused Adam, the loop most people write; in as many processes as cores."""

import os

from peers.host import Train, crew
from peers.net import ROWS, Net


def prepare(net: Net, members: int, cores: int) -> Train:
    """Return a training by epochs: one member on all cores, or a single-threaded process for every core."""
    if members == 1:
        return prepare_one(net, cores, 0)
    return crew(prepare_one, (net, 1), {"OMP_NUM_THREADS": "1"}, min(members, cores))


def prepare_one_thread(net: Net, members: int, cores: int) -> Train:  # noqa: ARG001 - one member, one thread
    """Return a training by epochs of one member on one thread."""
    return prepare_one(net, 1, 0)


def prepare_one(net: Net, threads: int, seed: int) -> Train:
    """Return a training of members one after the other, a new one for every call."""
    import torch
    from torch import nn

    os.environ["OMP_NUM_THREADS"] = str(threads)
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    torch.set_flush_denormal(True)
    x, y = (torch.from_numpy(array) for array in net.data())
    loss = nn.CrossEntropyLoss() if net.loss == "softmax" else nn.MSELoss()

    def train(epochs: int) -> int:
        model = network(net)
        optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
        for _ in range(epochs):
            for rows in torch.randperm(ROWS).split(net.batch):
                optimizer.zero_grad()
                loss(model(x[rows]), y[rows]).backward()
                optimizer.step()
        return epochs * net.steps

    return train


def network(net: Net):
    """Return the perceptron as torch modules."""
    from torch import nn

    layers = []
    for inputs, width in zip(net.widths, net.hidden, strict=False):
        layers += [nn.Linear(inputs, width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(net.widths[-2], net.outputs))
