"""The same mathematics by torch autograd, one member at a time, written for reading."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from thalweg.loss.gaussian import Gaussian
from thalweg.loss.huber import Huber
from thalweg.loss.logistic import Logistic
from thalweg.loss.poisson import Poisson
from thalweg.loss.quantile import Quantile
from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.activation import Activation
from thalweg.net.batchnorm import BatchNorm
from thalweg.net.dense import Dense, Output
from thalweg.net.dropout import Dropout
from thalweg.net.embedding import Embedding
from thalweg.net.features import FeatureMap
from thalweg.net.layernorm import LayerNorm
from thalweg.net.residual import Residual

ACTIVATIONS = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "gelu": functional.gelu,
    "silu": functional.silu,
}


def forward(layers, parameters: Mapping[str, Tensor], x: Tensor, weights: Tensor, masks: Iterator[Tensor], prefix=""):
    """Outputs [B C] of layers in training mode, for rows of given weights [B]."""
    for index, layer in enumerate(layers):
        x = _layer(layer, parameters, f"{prefix}{index}.", x, weights, masks)
    return x


def _layer(layer, parameters, name, x, weights, masks):  # noqa: C901, PLR0911 - one case per kind of layer
    match layer:
        case Dense():
            return _affine(parameters, name, x)
        case Output():
            return _affine({k: v.mT for k, v in parameters.items()}, name, x)
        case Activation():
            return ACTIVATIONS[layer.name](x)
        case Dropout():
            return x * next(masks)
        case BatchNorm():
            shares = (weights / weights.sum()).unsqueeze(1)
            centred = x - (shares * x).sum(0)
            scaled = centred / torch.sqrt((shares * centred**2).sum(0) + layer.epsilon)
            return scaled * parameters[name + "weight"][0] + parameters[name + "bias"][0]
        case LayerNorm():
            gamma, beta = parameters[name + "weight"][0], parameters[name + "bias"][0]
            return functional.layer_norm(x, x.shape[1:], gamma, beta, layer.epsilon)
        case Residual():
            return x + forward(layer.body, parameters, x, weights, masks, name + "body.")
        case Embedding():
            columns = [code.column for code in layer.codes]
            others = x[:, [i for i in range(x.shape[1]) if i not in columns]]
            vectors = [functional.embedding(x[:, c].long(), parameters[f"{name}{c}.weight"]) for c in columns]
            return torch.cat([others, *vectors], 1)
        case FeatureMap():
            parts = [x**k for k in range(1, layer.degree + 1)]
            if layer.interactions:
                n = x.shape[1]
                parts += [x[:, i : i + 1] * x[:, j : j + 1] for i in range(n) for j in range(i + 1, n)]
            return torch.cat(parts, 1)
    raise AssertionError(f"no oracle for {layer}")


def _affine(parameters, name, x):
    weight, bias = parameters[name + "weight"], parameters.get(name + "bias")
    if bias is None:
        return x @ weight[:-1] + weight[-1]
    return x @ weight + bias


def row_losses(loss, q: Tensor, y: Tensor) -> Tensor:
    """Loss of every row [B] for outputs q and outcomes y [B C], by torch's own losses where it has one."""
    match loss:
        case Squared():
            values = functional.mse_loss(q, y, reduction="none")
        case Huber():
            values = functional.huber_loss(q, y, reduction="none", delta=loss.delta)
        case Logistic():
            values = functional.binary_cross_entropy_with_logits(q, y, reduction="none")
        case Softmax():
            values = functional.cross_entropy(q, y, reduction="none").unsqueeze(1)
        case Poisson():
            values = functional.poisson_nll_loss(q, y, log_input=True, full=False, reduction="none")
        case Gaussian():
            mean, log_variance = q.chunk(2, 1)
            values = functional.gaussian_nll_loss(mean, y, log_variance.exp(), eps=1e-300, reduction="none")
        case Quantile():
            quantiles = q.view(len(q), y.shape[1], -1)
            if loss.ordered:
                steps = torch.cat([quantiles[:, :, :1], functional.softplus(quantiles[:, :, 1:])], 2)
                quantiles = steps.cumsum(2)
            error, tau = y.unsqueeze(2) - quantiles, torch.tensor(loss.levels, dtype=q.dtype)
            values = torch.maximum(tau * error, (tau - 1) * error).flatten(1)
        case _:
            raise AssertionError(f"no oracle for {loss}")
    return values.mean(1)
