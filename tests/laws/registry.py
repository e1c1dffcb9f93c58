"""Everything the laws are checked on: a layer, loss, optimizer, schedule or start not listed here is not tested.

Inputs have five columns; column 3 holds the codes 0 to 3.
"""

import numpy as np

from thalweg.base.contracts import Loss, Optimizer, Schedule
from thalweg.loss.gaussian import Gaussian
from thalweg.loss.huber import Huber
from thalweg.loss.logistic import Logistic
from thalweg.loss.poisson import Poisson
from thalweg.loss.quantile import Quantile
from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.activation import RULES, Activation
from thalweg.net.batchnorm import BatchNorm
from thalweg.net.dense import Dense
from thalweg.net.dropout import Dropout
from thalweg.net.embedding import Codes, Embedding
from thalweg.net.features import FeatureMap
from thalweg.net.init import FanIn, Glorot, He, Initial, Normal, Orthogonal, Uniform, Zeros
from thalweg.net.layernorm import LayerNorm
from thalweg.net.residual import Residual
from thalweg.net.spec import Network, mlp
from thalweg.optim.adagrad import AdaGrad
from thalweg.optim.adam import Adam
from thalweg.optim.adamax import AdaMax
from thalweg.optim.gradient import GradientDescent
from thalweg.optim.momentum import Momentum
from thalweg.optim.rmsprop import RMSProp
from thalweg.optim.schedule import Constant, Cosine, InverseTime, StepDecay, Warmup

INPUTS, LEVELS = 5, 4

STACKS: dict[str, Network] = {
    "linear": Network(),
    **{name: mlp((33, 7), name) for name in RULES},
    "one unit": mlp((1, 16, 1), "tanh"),
    "aligned": mlp((64, 32)),
    "dense behind dense": Network((Dense(7), Dense(16))),
    "dropout": mlp((33, 7), "relu", dropout=0.25),
    "dropout behind tanh": mlp((7, 33), "tanh", dropout=0.25),
    "dropout first": Network((Dropout(0.1), Dense(7), Activation("tanh"))),
    "batch norm": mlp((33, 7), "relu", normalise="batch"),
    "batch norm first": Network((BatchNorm(), Dense(7), Activation("gelu"), BatchNorm(momentum=0.3))),
    "batch norm and dropout": mlp((16, 7), "silu", normalise="batch", dropout=0.25),
    "layer norm": mlp((33, 7), "tanh", normalise="layer"),
    "layer norm first": Network((LayerNorm(), Dense(64), Activation("elu"))),
    "residual": Network((Dense(33), Residual((Activation("relu"), Dense(7), Activation("tanh"), Dense(33))))),
    "residual behind rectifier": Network(
        (
            Dense(7),
            Activation("relu"),
            Residual((Dropout(0.25), Dense(7), BatchNorm(), Activation("relu"))),
            LayerNorm(),
        )
    ),
    "residual first": Network((Residual((Dense(5), Activation("sigmoid"))), Residual((LayerNorm(), Dense(5))))),
    "residual in residual": Network(
        (Dense(7), Residual((Residual((Activation("relu"), Dense(7))), Activation("tanh"), Dropout(0.25), Dense(7))))
    ),
    "embedding": Network((Embedding((Codes(3, LEVELS, 3),)), Dense(7), Activation("tanh"))),
    "embedding alone": Network((Embedding((Codes(3, LEVELS, 1),)),)),
    "feature map": Network((FeatureMap(degree=3),)),
    "powers": Network((FeatureMap(degree=2, interactions=False), Dense(7), Activation("relu"))),
    "feature map inside": Network((Dense(3), FeatureMap(degree=3), Dense(7))),
}

LOSSES: dict[str, tuple[Loss, int]] = {  # with the number of outcome columns
    "squared": (Squared(), 1),
    "squared, two outcomes": (Squared(), 2),
    "huber": (Huber(0.5), 2),
    "logistic": (Logistic(), 1),
    "logistic, three outcomes": (Logistic(), 3),
    "softmax": (Softmax(), 4),
    "poisson": (Poisson(), 1),
    "gaussian": (Gaussian(), 1),
    "gaussian, two outcomes": (Gaussian(), 2),
    "median": (Quantile(), 1),
    "quantiles": (Quantile((0.1, 0.5, 0.9)), 2),
    "ordered quantiles": (Quantile((0.1, 0.5, 0.9), ordered=True), 2),
}

OPTIMIZERS: dict[str, Optimizer] = {
    "gradient": GradientDescent(0.05),
    "momentum": Momentum(0.02, momentum=0.8),
    "nesterov": Momentum(0.02, nesterov=True),
    "adagrad": AdaGrad(0.05),
    "rmsprop": RMSProp(0.01, rho=0.9),
    "adam": Adam(0.01),
    "adam, epsilon inside": Adam(0.01, epsilon_inside=True),
    "adamax": AdaMax(0.01),
}

SCHEDULES: dict[str, Schedule] = {
    "constant": Constant(),
    "step decay": StepDecay(every=4, gamma=0.5),
    "cosine": Cosine(warmup=0.2, floor=0.1),
    "warm-up": Warmup(7),
    "inverse time": InverseTime(0.3),
}

STARTS: dict[str, tuple[Initial, float]] = {  # with the variance promised for 60 inputs and 90 units
    "zeros": (Zeros(), 0.0),
    "normal": (Normal(0.3), 0.09),
    "uniform": (Uniform(0.6), 0.12),
    "fan-in": (FanIn(), 1 / 180),
    "glorot": (Glorot(), 2 / 150),
    "glorot, normal": (Glorot(normal=True), 2 / 150),
    "he": (He(), 2 / 60),
    "he, uniform": (He(normal=False), 2 / 60),
    "orthogonal": (Orthogonal(), 1 / 90),
}


def outcomes(loss: Loss, classes: int, rows: int, seed: int = 0) -> np.ndarray:
    """Outcomes [N C] of the kind a loss expects."""
    rng = np.random.default_rng(seed)
    if isinstance(loss, Softmax):
        return np.eye(classes)[rng.integers(0, classes, rows)]
    if isinstance(loss, Logistic):
        return rng.integers(0, 2, (rows, classes)).astype(float)
    if isinstance(loss, Poisson):
        return rng.poisson(2.0, (rows, classes)).astype(float)
    return rng.normal(size=(rows, classes))


def inputs(rows: int, seed: int = 1) -> np.ndarray:
    """Features [N D], column 3 of codes."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, INPUTS))
    x[:, 3] = rng.integers(0, LEVELS, rows)
    return x
