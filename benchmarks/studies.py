"""Studies beside the usual way: a plane of losses point by point, saliency net by net, columns shuffled one by one.

    OMP_NUM_THREADS=1 python benchmarks/studies.py

One thread; the fastest of three in CPU seconds. captum is timed where it is installed.
"""

import importlib.util
import time
import warnings
from datetime import date

import numpy as np
import torch
from sklearn.inspection import permutation_importance as peer_importance
from sklearn.neural_network import MLPClassifier

from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.study.attribution.input_gradients import InputGradients, saliency
from thalweg.study.attribution.permuted_columns import permutation_importance
from thalweg.study.surfaces.landscape import plane_losses
from thalweg.train.backend import backend_of
from thalweg.train.many_losses import ManyLosses
from thalweg.train.population import training_table

TICKS = np.linspace(-1, 1, 51)


def fastest(function, times=3):
    found = []
    for _ in range(times):
        start = time.process_time()
        function()
        found.append(time.process_time() - start)
    return min(found)


def landscape():
    for rows, columns, width in ((100, 10, 16), (200, 10, 32), (500, 20, 32), (1000, 20, 64)):
        rng = np.random.default_rng(0)
        x, y, network = rng.normal(size=(rows, columns)), rng.normal(size=rows), mlp((width, width))
        centre, one, other = 0.3 * rng.normal(size=(3, network.count(columns, 1)))
        losses = ManyLosses(network, Squared(), training_table(x, y))
        ours = fastest(lambda losses=losses, at=(centre, one, other): plane_losses(losses, at[0], at[1:], TICKS))
        module = backend_of(network).module(network, columns, 1, centre.astype(np.float32))
        parts = [p.shape for p in module.parameters()]
        tx, ty = torch.from_numpy(x).float(), torch.from_numpy(y).float()[:, None]
        sizes = [shape.numel() for shape in parts]
        cut = [torch.split(torch.from_numpy(d).float(), sizes) for d in (centre, one, other)]
        flat = [[v.view(shape) for v, shape in zip(some, parts, strict=True)] for some in cut]

        @torch.no_grad()
        def loop(points=300, module=module, flat=flat, tx=tx, ty=ty):
            for k in range(points):
                a, b = TICKS[k % 51], TICKS[k // 51]
                for p, c, d, e in zip(module.parameters(), *flat, strict=True):
                    p.data = c + a * d + b * e
                float(((module(tx) - ty) ** 2).mean())

        theirs = fastest(loop) / 300 * 51 * 51
        print(f"plane of 51 x 51, {rows} rows, {columns}-{width}-{width}-1: {1e6 * ours / 2601:.1f} us a point, loop "
              f"{1e6 * theirs / 2601:.1f}, ratio {theirs / ours:.1f}", flush=True)  # fmt: skip


def attribution():
    rows, columns, classes, nets = 678, 17, 10, 64
    rng, network = np.random.default_rng(0), mlp((64, 64))
    x, codes = rng.normal(size=(rows, columns)), rng.integers(classes, size=rows)
    vectors = (0.2 * rng.normal(size=(nets, network.count(columns, classes)))).astype(np.float32)
    gradients = InputGradients(network, classes, list(vectors), columns)
    ours = fastest(lambda: saliency(gradients.at(x, codes), x.std(axis=0))) / nets
    print(f"saliency, 64 nets 17-64-64-10, 678 rows: {1e3 * ours:.2f} ms a net", flush=True)
    if importlib.util.find_spec("captum"):
        from captum.attr import Saliency

        module = backend_of(network).module(network, columns, classes, vectors[0])
        tx, ty = torch.from_numpy(x).float(), torch.from_numpy(codes)
        theirs = fastest(lambda: Saliency(module).attribute(tx.clone().requires_grad_(), target=ty), 9)
        print(f"  captum: {1e3 * theirs:.2f} ms, ratio {theirs / ours:.1f}", flush=True)
    losses = ManyLosses(network, Softmax(), training_table(x, np.eye(classes)[codes]))
    some = vectors[:8]
    ours = fastest(lambda: permutation_importance(losses, some, x, np.arange(columns), repeats=5), 2) / len(some)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = MLPClassifier((64, 64), max_iter=3, random_state=0).fit(x, codes)
    theirs = fastest(lambda: peer_importance(peer, x, codes, n_repeats=5, random_state=0), 2)
    print(f"shuffled columns, 5 repeats: {1e3 * ours:.1f} ms a net, scikit-learn {1e3 * theirs:.1f}, ratio "
          f"{theirs / ours:.1f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(f"{date.today()}, torch {torch.__version__}, one thread, CPU seconds, the fastest of three")
    landscape()
    attribution()
