"""thalweg beside its peers on one core, by processor time: for machines that are not quiet.

Every tool trains one member in the same process, an epoch each in turns; the table holds the least processor time of a
step. A member costs the same alone and in a crowd, since members run one after the other, a core each. The roofline is
what the best product here and the optimizer would take by themselves, likewise least times of the same turns.

    taskset -c 1 python benchmarks/one_core.py --nets A,D --rounds 20
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch

import machine
from peers import jax_scan, torch_loop
from peers.net import NETS, ROWS, Net
from roofline import by_numpy
from tables import markdown, short
from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.batchnorm import BatchNorm
from thalweg.net.spec import Network, mlp
from thalweg.train.population import Member, crowd_of, training_table
from thalweg.train.steps.chunk import Chunk
from thalweg.train.steps.masks import pool_for

SWITCH = "THALWEG_STEPS"
RESULTS = Path(__file__).parent / "results" / "one_core"
SWITCHES = {"native": "native", "calls": "torch"}
LABELS = {
    "native": "thalweg, native steps",
    "calls": "thalweg, calls of torch",
    "jax": "JAX jit, scan",
    "torch": "PyTorch loop, fused Adam",
    "bound": "products at their best, and Adam",
}
Epoch = Callable[[], object]


def engine(net: Net, network: Network, switch: str) -> Epoch:
    """Return an epoch of one member by the engine, natively or by calls of torch."""
    os.environ[SWITCH] = switch
    x, y = net.data()
    table = training_table(x, np.eye(net.outputs, dtype=np.float32)[y] if net.loss == "softmax" else y)
    loss = Softmax() if net.loss == "softmax" else Squared()
    member = Member(network, loss, np.arange(ROWS, dtype=np.int32), batch=net.batch, epochs=1_000_000)
    pool = pool_for([network.settings(net.outputs)], table.rows.dtype)
    chunk = Chunk(crowd_of(member, table), table, 1, pool)
    chunk.place([0], [member])

    def epoch() -> None:
        os.environ[SWITCH] = switch
        with torch.inference_mode():
            chunk.run_epoch()

    return epoch


def bound(net: Net) -> Epoch:
    """Return as many flops as an epoch's, in large products, and Adam's updates; of both the fastest at hand."""
    size, flops = 256, 2 * 256**3
    a, b, out = (torch.randn(1, size, size) for _ in range(3))
    ways = [by_numpy(a, b, out), lambda: torch.bmm(a, b, out=out)]
    best = min(ways, key=lambda way: min(seconds(way) for _ in range(20)))
    value, gradient, mean, square = (torch.rand(net.parameters) for _ in range(4))
    settings = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "weight_decay": 0.0, "eps": 1e-8}
    count = torch.tensor(10.0)
    products = max(1, round(net.flops * net.steps / flops))

    def epoch() -> None:
        with torch.inference_mode():
            for _ in range(products):
                best()
            for _ in range(net.steps):
                torch._fused_adam_(
                    [value], [gradient], [mean], [square], [], [count], **settings, amsgrad=False, maximize=False
                )

    return epoch


def seconds(work: Epoch) -> float:
    """Return processor time."""
    started = time.process_time()
    work()
    return time.process_time() - started


def tools(net: Net) -> dict[str, Epoch]:
    """Return an epoch of every tool."""
    found = {kind: engine(net, mlp(net.hidden), SWITCHES[kind]) for kind in SWITCHES}
    for kind, prepare in (("jax", jax_scan.prepare_one), ("torch", lambda n, s: torch_loop.prepare_one(n, 1, s))):
        train = prepare(net, 0)
        found[kind] = lambda train=train: train(1)
    return {**found, "bound": bound(net)}


def variants(net: Net) -> dict[str, Epoch]:
    """Return an epoch without and with what costs more in a net of two hidden layers, natively."""
    layers, norm = mlp(net.hidden).layers, BatchNorm()
    networks = {
        "neither": mlp(net.hidden),
        "two dropout layers": mlp(net.hidden, dropout=0.2),
        "two batch norms": Network((layers[0], norm, layers[1], layers[2], norm, layers[3])),
    }
    return {label: engine(net, network, "native") for label, network in networks.items()}


def least(epochs: dict[str, Epoch], steps: int, rounds: int) -> dict[str, float]:
    """Return microseconds of a step, the least of turns."""
    for epoch in epochs.values():
        epoch()
    found: dict[str, list[float]] = {kind: [] for kind in epochs}
    for turn in range(rounds):
        for kind, epoch in epochs.items():
            if kind != "torch" or turn % 4 == 0:
                found[kind].append(seconds(epoch))
    return {kind: min(times) / steps * 1e6 for kind, times in found.items()}


def tables(found: dict[str, dict[str, float]], extra: dict[str, float]) -> list[str]:
    """Return the times, and how many times ours the others take."""
    nets = list(found)
    times = [[LABELS[kind], *(short(found[n][kind]) for n in nets)] for kind in LABELS]
    shares = [[LABELS[kind], *(f"{found[n][kind] / found[n]['native']:.2f}" for n in nets)] for kind in LABELS]
    sections = [
        markdown(["microseconds per step of one member, one core", *nets], times),
        "",
        markdown(["times as long as native steps; the last row is the share of the roofline", *nets], shares[1:]),
    ]
    if extra:
        rows = [[kind, short(t), f"{t / extra['neither']:.2f}"] for kind, t in extra.items()]
        sections += ["", markdown(["net A natively", "microseconds per step", "times as long as neither"], rows)]
    return sections


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", default=",".join(NETS), help="(default: all)")
    parser.add_argument("--rounds", type=int, default=20, help="turns of every tool (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=RESULTS, help="files to write, without suffix")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    facts = machine.describe(("torch", "numpy", "jax"))
    found, extra = {}, {}
    for name in chosen.nets.split(","):
        net = NETS[name]
        found[name] = least(tools(net), net.steps, chosen.rounds)
        print(name, found[name], os.getloadavg()[0], flush=True)
        if name == "A":
            extra = least(variants(net), net.steps, chosen.rounds)
            print(extra, flush=True)
    nets = [f"- net {name}: {NETS[name]}; {NETS[name].parameters:,} parameters" for name in found]
    how = (__doc__ or "").split("\n\n")[1].replace("\n", " ")
    lines = ["# One core", "", *machine.as_lines(facts), "", how, "", *nets, f"- {chosen.rounds} turns", ""]
    chosen.out.with_suffix(".md").write_text("\n".join([*lines, *tables(found, extra)]) + "\n")
    record = {"facts": facts, "microseconds": found, "variants": extra}
    chosen.out.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n")
    print(chosen.out.with_suffix(".md").read_text())


if __name__ == "__main__":
    main()
