"""torch.func: the gradient of a stack of modules by vmap, fused Adam on the stacked parameters."""

from functools import partial

from peers.host import Train
from peers.net import ROWS, Net
from peers.torch_loop import network


def prepare(net: Net, members: int, cores: int, *, compiled: bool = False) -> Train:
    """Return a training by steps of all members, each with its own batches."""
    import torch
    from torch.func import functional_call, grad, stack_module_state, vmap
    from torch.nn import functional

    torch.set_num_threads(cores)
    torch.set_flush_denormal(True)
    x, y = (torch.from_numpy(array) for array in net.data())
    loss = functional.cross_entropy if net.loss == "softmax" else functional.mse_loss
    state, _ = stack_module_state([network(net) for _ in range(members)])
    base = network(net).to("meta")
    gradient = vmap(grad(lambda w, x, y: loss(functional_call(base, w, (x,)), y)))
    if compiled:
        gradient = torch.compile(gradient)
    values = {name: value.detach().clone() for name, value in state.items()}
    means, squares = ([torch.zeros_like(v) for v in values.values()] for _ in range(2))
    counts = [torch.tensor(0.0) for _ in values]
    update = partial(
        torch._fused_adam_, lr=1e-3, beta1=0.9, beta2=0.999, weight_decay=0.0, eps=1e-8, amsgrad=False, maximize=False
    )
    batches = iter(())

    def train(steps: int) -> int:
        nonlocal batches
        for _ in range(steps):
            rows = next(batches, None)
            if rows is None:
                order = torch.stack([torch.randperm(ROWS) for _ in range(members)])
                batches = iter(order.split(net.batch, dim=1))
                rows = next(batches)
            gradients = gradient(values, x[rows], y[rows])
            torch._foreach_add_(counts, 1)
            slopes = [gradients[name].contiguous() for name in values]
            with torch.no_grad():
                update(list(values.values()), slopes, means, squares, [], counts)
        return steps * members

    return train


def prepare_compiled(net: Net, members: int, cores: int) -> Train:
    """Return the same with the gradient compiled."""
    return prepare(net, members, cores, compiled=True)
