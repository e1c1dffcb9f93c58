"""JAX: a jitted scan over steps, of all members by vmap or of one member on a core of its own."""

import os
from typing import Any

import numpy as np

from peers.host import Train, crew
from peers.net import ROWS, Net

ONE_CORE = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1", "OMP_NUM_THREADS": "1"}


def _step(net: Net) -> tuple[Any, Any]:
    """Return the start of a member (weights and Adam's state) and one step on a batch of rows."""
    import jax
    from jax import numpy as jnp

    def start(key: Any) -> Any:
        keys = jax.random.split(key, len(net.widths) - 1)
        shapes = zip(keys, net.widths, net.widths[1:], strict=False)
        weights = [(jax.random.uniform(k, (a, b), minval=-1, maxval=1) / a**0.5, jnp.zeros(b)) for k, a, b in shapes]
        zeros = jax.tree.map(jnp.zeros_like, weights)
        return weights, zeros, zeros, jnp.zeros(())

    def loss(weights: Any, x: Any, y: Any) -> Any:
        for weight, bias in weights[:-1]:
            x = jax.nn.relu(x @ weight + bias)
        outputs = x @ weights[-1][0] + weights[-1][1]
        if net.loss == "softmax":
            return -jnp.take_along_axis(jax.nn.log_softmax(outputs), y[:, None], 1).mean()
        return ((outputs - y) ** 2).mean()

    def step(state: Any, rows: Any, x: Any, y: Any) -> tuple[Any, None]:
        weights, means, squares, count = state
        slopes = jax.grad(loss)(weights, x[rows], y[rows])
        count = count + 1
        means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, slopes)
        squares = jax.tree.map(lambda r, g: 0.999 * r + 0.001 * g * g, squares, slopes)
        rate, root = 1e-3 / (1 - 0.9**count), 1 / (1 - 0.999**count)
        weights = jax.tree.map(lambda w, m, r: w - rate * m / (jnp.sqrt(r * root) + 1e-8), weights, means, squares)
        return (weights, means, squares, count), None

    return start, step


def prepare_vmap(net: Net, members: int, cores: int, *, shared: bool = False) -> Train:  # noqa: ARG001 - takes all
    """Return a training by chunks of steps of all members, each with its own batches unless ``shared``."""
    import jax

    start, step = _step(net)
    x, y = (jax.device_put(array) for array in net.data())
    length = max(2, net.steps if members <= 10 else net.steps * 10 // members)

    def steps(state: Any, order: Any, x: Any, y: Any) -> Any:  # order [T B]
        return jax.lax.scan(lambda s, rows: step(s, rows, x, y), state, order)[0]

    chunk = jax.jit(jax.vmap(steps, in_axes=(0, None if shared else 1, None, None)), donate_argnums=0)
    state = jax.jit(jax.vmap(start))(jax.random.split(jax.random.key(0), members))
    stream, orders = np.random.default_rng(0), iter(())

    def new_orders() -> Any:
        """Cut an epoch of every member, drawn outside of JAX (its sort is slow), into chunks [T K B] or [T B]."""
        rows = np.tile(np.arange(ROWS, dtype=np.int32), (1 if shared else members, 1))
        order = stream.permuted(rows, axis=1).reshape(len(rows), net.steps, net.batch).swapaxes(0, 1)
        order = np.ascontiguousarray(order[:, 0] if shared else order)
        return iter([order[a : a + length] for a in range(0, net.steps - length + 1, length)])

    def train(chunks: int) -> int:
        nonlocal state, orders
        for _ in range(chunks):
            order = next(orders, None)
            if order is None:
                orders = new_orders()
                order = next(orders)
            state = chunk(state, order, x, y)
        jax.block_until_ready(state)
        return chunks * length * members

    return train


def prepare_vmap_shared(net: Net, members: int, cores: int) -> Train:
    """Return the same with one batch order for all members."""
    return prepare_vmap(net, members, cores, shared=True)


def prepare_pinned(net: Net, members: int, cores: int) -> Train:
    """Return a training by epochs: a process pinned to every core trains its members one after the other."""
    return crew(prepare_one, (net,), ONE_CORE, min(members, cores))


def prepare_one(net: Net, seed: int) -> Train:
    """Return a training of members one after the other, a new one for every call."""
    import jax

    assert "XLA_FLAGS" in os.environ
    start, step = _step(net)
    start = jax.jit(start)
    x, y = (jax.device_put(array) for array in net.data())
    epoch = jax.jit(
        lambda state, order, x, y: jax.lax.scan(lambda s, rows: step(s, rows, x, y), state, order)[0], donate_argnums=0
    )
    stream, keys = np.random.default_rng(seed), iter(range(seed, 2**31))

    def train(epochs: int) -> int:
        state = start(jax.random.key(next(keys)))
        for _ in range(epochs):
            order = stream.permutation(ROWS).astype(np.int32).reshape(net.steps, net.batch)
            state = epoch(state, order, x, y)
        jax.block_until_ready(state)
        return epochs * net.steps

    return train
