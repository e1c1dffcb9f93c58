"""Populations on one GPU against torch.func, JAX and a loop of fits, in one run; prints a table and writes JSON.

    python benchmarks/gpu.py --members 1000 --nets A B C --out results.json

Microseconds per step and member, end to end (shuffles, transfers, capture of the graph, validation-free training),
second of two fits so that libraries are loaded. Peers are timed on some steps after a warm-up.
"""

import argparse
import json
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn

from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table

NETS = {"A": (20, (64, 64), 1, 128), "B": (100, (256, 256), 1, 256), "C": (784, (128,), 10, 64)}
ROWS = 10_000


def data(net):
    inputs, _, outputs, batch = NETS[net]
    rng = np.random.default_rng(1)
    count = ROWS // batch * batch
    x = rng.normal(size=(count, inputs)).astype(np.float32)
    if net == "C":
        return x, np.eye(outputs, dtype=np.float32)[x[:, :200].reshape(count, 10, 20).sum(2).argmax(1)]
    return x, (np.sin(x[:, :1]) + x[:, 1:2] * x[:, 2:3]).astype(np.float32)


def ours(net, members, epochs, precision):
    _, hidden, _, batch = NETS[net]
    x, y = data(net)
    table, rows = training_table(x, y), np.arange(len(x), dtype=np.int32)
    loss = Softmax() if net == "C" else Squared()

    def population(length):
        return [Member(mlp(hidden), loss, rows, seed=s, batch=batch, epochs=length) for s in range(members)]

    fit_population(table, population(1), device="cuda", precision=precision)
    started = time.perf_counter()
    fit = fit_population(table, population(epochs), device="cuda", precision=precision)
    seconds = time.perf_counter() - started
    assert fit.statuses() == {"finished": members}
    short = time.perf_counter()
    fit_population(table, population(1), device="cuda", precision=precision)
    one = time.perf_counter() - short
    steps = len(x) // batch
    end_to_end = seconds / epochs / steps / members * 1e6
    steady = (seconds - one) / (epochs - 1) / steps / members * 1e6
    return {"end to end": end_to_end, "steady": steady}


def product_flops(net):
    """6 B Σ w − 2 B w₁: every product forwards and twice backwards, but no gradient at the table."""
    inputs, hidden, outputs, batch = NETS[net]
    widths = (inputs, *hidden, outputs)
    weights = [a * b for a, b in pairwise(widths)]
    return 6 * batch * sum(weights) - 2 * batch * weights[0]


def module(net):
    inputs, hidden, outputs, _ = NETS[net]
    widths, layers = (inputs, *hidden), []
    for a, b in zip(widths, hidden, strict=False):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], outputs))


def loss_of(net):
    return nn.functional.cross_entropy if net == "C" else nn.functional.mse_loss


def torch_func(net, members, steps=20):
    """vmap of grad over stacked parameters, own batches, fused Adam on the stacks."""
    *_, batch = NETS[net]
    x, y = (torch.from_numpy(a).cuda() for a in data(net))
    networks = [module(net).cuda() for _ in range(members)]
    parameters, buffers = torch.func.stack_module_state(networks)
    parameters = {k: v.detach().clone() for k, v in parameters.items()}
    base, measure = module(net).to("meta"), loss_of(net)

    def loss(p, b, xb, yb):
        return measure(torch.func.functional_call(base, (p, b), (xb,)), yb)

    gradient = torch.func.vmap(torch.func.grad(loss))
    names = list(parameters)
    w = [parameters[k] for k in names]
    m, v = ([torch.zeros_like(p) for p in w] for _ in range(2))
    t = [torch.zeros((), device="cuda") for _ in w]
    optimizer = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "weight_decay": 0.0, "eps": 1e-8}

    def step():
        rows = torch.randint(0, len(x), (members, batch), device="cuda")
        g = gradient(parameters, buffers, x[rows], y[rows])
        for s in t:
            s.add_(1)
        with torch.no_grad():
            torch._fused_adam_(w, [g[k] for k in names], m, v, [], t, amsgrad=False, maximize=False, **optimizer)

    return timed(step, steps) / members


def eager_loop(net, steps=200):
    """One network after the other, fused Adam: what a loop of fits costs per step."""
    *_, batch = NETS[net]
    x, y = (torch.from_numpy(a).cuda() for a in data(net))
    network, measure = module(net).cuda(), loss_of(net)
    optimizer = torch.optim.Adam(network.parameters(), 1e-3, fused=True)

    def step():
        rows = torch.randint(0, len(x), (batch,), device="cuda")
        optimizer.zero_grad()
        measure(network(x[rows]), y[rows]).backward()
        optimizer.step()

    return timed(step, steps)


def timed(step, steps):
    for _ in range(3):
        step()
    torch.cuda.synchronize()
    started = time.perf_counter()
    for _ in range(steps):
        step()
    torch.cuda.synchronize()
    return (time.perf_counter() - started) / steps * 1e6


def jax_vmap(net, members, steps=40):
    """vmap of a jitted scan over steps, own batches, Optax Adam."""
    import jax
    import jax.numpy as jnp
    import optax

    inputs, hidden, outputs, batch = NETS[net]
    x, y = (jnp.asarray(a) for a in data(net))
    widths = (inputs, *hidden, outputs)

    def init(key):
        keys = jax.random.split(key, len(widths) - 1)
        pairs = zip(keys, widths, widths[1:], strict=False)
        return [(jax.random.uniform(k, (a, b), minval=-1, maxval=1) / a**0.5, jnp.zeros(b)) for k, a, b in pairs]

    def network(p, z):
        for w, b in p[:-1]:
            z = jax.nn.relu(z @ w + b)
        return z @ p[-1][0] + p[-1][1]

    def loss(p, rows):
        q = network(p, x[rows])
        return optax.softmax_cross_entropy(q, y[rows]).mean() if net == "C" else ((q - y[rows]) ** 2).mean()

    optimizer = optax.adam(1e-3)

    def train(p, state, key):
        rows = jax.random.permutation(key, len(x))[: steps * batch].reshape(steps, batch)

        def step(carry, r):
            g = jax.grad(loss)(carry[0], r)
            update, state = optimizer.update(g, carry[1], carry[0])
            return (optax.apply_updates(carry[0], update), state), 0.0

        return jax.lax.scan(step, (p, state), rows)[0]

    keys = jax.random.split(jax.random.key(0), members)
    p = jax.vmap(init)(keys)
    state = jax.vmap(optimizer.init)(p)
    run = jax.jit(jax.vmap(train))
    jax.block_until_ready(run(p, state, keys))
    started = time.perf_counter()
    jax.block_until_ready(run(p, state, keys))
    return (time.perf_counter() - started) / steps / members * 1e6


def peaks():
    """Measured peaks: float32 and TF32 matrix products, bytes copied."""
    found = {}
    a = torch.randn(8192, 8192, device="cuda")
    for name in ("ieee", "tf32"):
        torch.backends.cuda.matmul.fp32_precision = name
        found[f"{name} TFLOP/s"] = 2 * 8192**3 / timed(lambda: a @ a, 10) / 1e6
    torch.backends.cuda.matmul.fp32_precision = "ieee"
    b = torch.empty(1 << 28, device="cuda")
    c = torch.empty_like(b)
    found["copy TB/s"] = 2 * b.numel() * 4 / timed(lambda: c.copy_(b), 10) / 1e6
    return found


def guarded(function, *arguments):
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001 - a peer that runs out of memory is a result too
        return f"{type(error).__name__}: {str(error)[:80]}"
    finally:
        torch.cuda.empty_cache()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", nargs="+", type=int, default=[1000])
    parser.add_argument("--nets", nargs="+", default=["A", "B", "C"])
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--peers", nargs="*", default=["torch.func", "loop", "jax"])
    parser.add_argument("--out")
    options = parser.parse_args()
    result = {"device": torch.cuda.get_device_name(), "torch": torch.__version__, "peaks": peaks(), "rows": []}
    print(result, flush=True)
    for net in options.nets:
        for members in options.members:
            row = {"net": net, "members": members}
            for precision, kind in (("exact", "ieee"), ("tf32", "tf32")):
                found = row[f"ours {precision}"] = guarded(ours, net, members, options.epochs, precision)
                if isinstance(found, dict):
                    reached = product_flops(net) / found["steady"] / 1e6
                    found["share of peak"] = reached / result["peaks"][f"{kind} TFLOP/s"]
            if "torch.func" in options.peers:
                row["torch.func"] = guarded(torch_func, net, members)
            if "loop" in options.peers:
                row["loop"] = guarded(eager_loop, net)
            if "jax" in options.peers:
                row["jax vmap"] = guarded(jax_vmap, net, members)
            result["rows"].append(row)
            print(json.dumps(row), flush=True)
    if options.out:
        with Path(options.out).open("w") as file:
            json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
