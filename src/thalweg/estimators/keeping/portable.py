"""A fitted estimator as one torch module, and as an ONNX file: scaling, all networks, their mean and the link."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from thalweg.base.contracts import Loss
from thalweg.base.errors import MissingExtraError, SettingError
from thalweg.base.files import path_of, write_whole
from thalweg.data.reading.ramps import Ramps
from thalweg.estimators.ensemble.faces import fitted_face
from thalweg.estimators.ensemble.frame_encoding import EncodedColumn, FrameEncoder, calendar
from thalweg.estimators.ensemble.linear_group import LinearGroup
from thalweg.estimators.ensemble.network_group import NetworkGroup, TrainedNetwork, centre_place
from thalweg.estimators.keeping.onnx_columns import with_columns
from thalweg.loss.quantile import Quantile
from thalweg.net.spec import Network
from thalweg.net.twin import to_module
from thalweg.train.module import ModuleNetwork, restore
from thalweg.train.steps.parameters import split_vector

SCALES = ("centre_x", "scale_x", "centre_y", "scale_y", "fill_x")


class PredictionModule(nn.Module):
    """What ``predict`` of a regressor, or ``predict_proba`` of a classifier, computes.

    Parameters
    ----------
    members
        Networks of scaled features, or one linear map.
    scaling
        Centre and scale of features, and of outcomes, and what a missing feature counts as, each [1 ·].
    ramps
        What networks see beside the features.
    task, loss
        What the outputs mean; no loss for a linear map.
    temperature
        Of calibrated probabilities.

    Examples
    --------
    >>> line = nn.Linear(1, 1, dtype=torch.float64)
    >>> _ = line.load_state_dict({"weight": torch.tensor([[2.0]]), "bias": torch.tensor([1.0])})
    >>> scales = [torch.tensor([[value]], dtype=torch.float64) for value in (0.0, 1.0, 0.0, 10.0, 0.0)]
    >>> PredictionModule([line], scales, "regression", None, 1.0)(torch.tensor([[3.0]], dtype=torch.float64)).item()
    70.0
    """

    centre_x: Tensor
    scale_x: Tensor
    centre_y: Tensor
    scale_y: Tensor
    fill_x: Tensor
    ramp_column: Tensor
    ramp_low: Tensor
    ramp_width: Tensor
    ramp_centre: Tensor

    def __init__(
        self,
        members: list[nn.Module],
        scaling: list[Tensor],
        task: str,
        loss: Loss | None,
        temperature: float,
        encoder: FrameEncoder | None = None,
        ramps: Ramps | None = None,
    ) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        for name, values in zip(SCALES, scaling, strict=True):
            self.register_buffer(name, values)
        for name, array in (Ramps.none() if ramps is None else ramps).arrays().items():
            self.register_buffer(f"ramp_{name}", torch.from_numpy(array))
        self.task, self.loss, self.temperature, self.encoder = task, loss, temperature, encoder
        self.dtype = next(self.members[0].parameters()).dtype

    def forward(self, x: Tensor) -> Tensor:
        """Return predictions or probabilities [N C] of features [N D], or of codes [N K] of a frame, in float64."""
        if self.encoder is not None:
            x = encoded(self.encoder, x)
        known = torch.where(torch.isnan(x), self.fill_x, x)
        z = self._beside_ramps((known - self.centre_x) / self.scale_x).to(self.dtype)
        mean = torch.stack([self._linked(member(z).double()) for member in self.members]).mean(0)
        if self.task == "regression" or self.temperature == 1.0:
            return mean
        return torch.softmax(torch.log(mean) / self.temperature, 1)

    def _beside_ramps(self, z: Tensor) -> Tensor:
        """Return scaled features with their ramps, as :meth:`Ramps.beside` does."""
        if not len(self.ramp_column):
            return z
        part = torch.clamp((z[:, self.ramp_column] - self.ramp_low) / self.ramp_width, 0.0, 1.0)
        return torch.cat([z, part - self.ramp_centre], 1)

    def _linked(self, q: Tensor) -> Tensor:
        """Return what the outputs of one member predict [N C]."""
        if self.task == "binary":
            return torch.cat([torch.sigmoid(-q), torch.sigmoid(q)], 1)
        if self.task == "multilabel":
            return torch.sigmoid(q)
        if self.task == "multiclass":
            return torch.softmax(q, 1)
        if self.loss is not None:
            q = self.loss.prediction(q.T.unsqueeze(0)).squeeze(0).T
        if isinstance(self.loss, Quantile):
            q = q.reshape(q.shape[0], -1, len(self.loss.levels))[:, :, centre_place(self.loss)]
        return q * self.scale_y + self.centre_y


def prediction_module(model: Any) -> PredictionModule:
    """Return a fitted estimator as a torch module that can be saved, exported and put on any device.

    Parameters
    ----------
    model
        An estimator of this package, or a search, whose best estimator is meant.

    Returns
    -------
    PredictionModule
        Takes features [N D] in float64, or what ``model.encoder_.codes`` makes of a frame; gives predictions or
        probabilities [N C].

    Raises
    ------
    SettingError
        If a layer has no twin.

    Examples
    --------
    >>> from thalweg.estimators.linear import LinearRegressor
    >>> model = LinearRegressor().fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> prediction_module(model)(torch.tensor([[3.0]], dtype=torch.float64)).round(decimals=6).item()
    7.0
    """
    model = fitted_face(model)
    group, temperature = model.population_.final, float(getattr(model, "temperature_", 1.0))
    if isinstance(group, LinearGroup):
        inputs, outputs = group.coefficients.shape
        affine = nn.Linear(inputs, outputs, dtype=torch.float64)
        affine.load_state_dict({"weight": torch.tensor(group.coefficients.T), "bias": torch.tensor(group.intercept)})
        still = [
            torch.zeros(1, 1),
            torch.ones(1, 1),
            torch.zeros(1, 1),
            torch.ones(1, 1),
            torch.tensor(group.fill)[None],
        ]
        return PredictionModule([affine], [t.double() for t in still], group.task, None, temperature, model.encoder_)
    assert isinstance(group, NetworkGroup)
    one = group.networks[0]
    scaling = [torch.tensor(getattr(one.scaling, name), dtype=torch.float64)[None] for name in SCALES]
    twins = [_twin(n) for n in group.networks]
    return PredictionModule(twins, scaling, group.task, one.loss, temperature, model.encoder_, one.scaling.ramps).eval()


def encoded(encoder: FrameEncoder, codes: Tensor) -> Tensor:
    """Return the columns [N D] of a frame's codes [N K], as :meth:`FrameEncoder.transform` does.

    Examples
    --------
    >>> import pandas as pd
    >>> from thalweg.estimators.ensemble.frame_encoding import learn_encoder
    >>> encoder = learn_encoder(pd.DataFrame({"ward": ["a", "b"]}))
    >>> encoded(encoder, torch.tensor([[1.0]], dtype=torch.float64)).tolist()
    [[0.0, 1.0]]
    """
    found: list[Tensor] = []
    for place, column in enumerate(encoder.columns):
        values = codes[:, place]
        gone = torch.isnan(values)
        if column.kind == "categorical":
            found += [(values == slot).double() for slot in range(len(column.levels) + column.other)]
        else:
            found.append(values)
        if column.kind == "date":
            days = torch.floor(torch.where(gone, 0.0, values)).long()
            found += [torch.where(gone, torch.nan, part.double()) for part in calendar(days)]
        found += [gone.double()] * column.missing
    return torch.stack(found, 1)


def _twin(trained: TrainedNetwork) -> nn.Module:
    network, inputs = trained.network, trained.scaling.width
    if isinstance(network, ModuleNetwork):
        return _Own(network, trained.fit.parameters)
    if not isinstance(network, Network):
        raise SettingError("These networks are of a kind of your own.", "Export them yourself.")
    specs = network.parameters(inputs, trained.loss.outputs(trained.classes))
    return to_module(network, split_vector(specs, trained.fit.parameters))


class _Own(nn.Module):
    """A torch module of the user's, from rows of features to rows of outputs."""

    def __init__(self, network: ModuleNetwork, vector: NDArray[np.floating]) -> None:
        super().__init__()
        self.module, self.network = restore(network, vector), network

    def forward(self, x: Tensor) -> Tensor:
        return self.network.forward(self.module, x)[0].mT


def save_onnx(model: Any, path: str | Path) -> Path:
    """Write a fitted estimator as one ONNX file, output ``prediction`` [rows C].

    An estimator that learned from a matrix of numbers has the input ``x`` [rows D] in float64. One that learned from a
    frame has an input [rows 1] for every column, by its name: texts for categories (empty where missing), float64 for
    the others (NaN where missing), dates as days since 1970-01-01, truth values as 0 and 1.

    Parameters
    ----------
    model
        An estimator of this package, or a search, whose best estimator is meant.
    path
        The file.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    MissingExtraError
        If onnx or onnxscript is not installed.
    SettingError
        See :func:`prediction_module`.

    Examples
    --------
    >>> from thalweg.estimators import LinearRegressor
    >>> model = LinearRegressor().fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> save_onnx(model, "line.onnx")  # doctest: +SKIP
    """
    face, place = fitted_face(model), path_of("path", path)
    columns = None if face.encoder_ is None else face.encoder_.columns
    write_whole(place, exported(prediction_module(face), face.n_features_in_, columns))
    return place


def exported(module: nn.Module, width: int, columns: Sequence[EncodedColumn] | None) -> bytes:
    """Return a module of rows [rows D] in float64 as the content of an ONNX file.

    Parameters
    ----------
    module, width
        The module, and D.
    columns
        Of a table, each an input of its own; None for one input ``x``.

    Raises
    ------
    MissingExtraError
        If onnx or onnxscript is not installed.

    Examples
    --------
    >>> exported(nn.Linear(2, 1, dtype=torch.float64), 2, None)  # doctest: +SKIP
    """
    example = torch.zeros(2, width, dtype=torch.float64)
    try:
        program = torch.onnx.export(
            module,
            (example,),
            input_names=["x"],
            output_names=["prediction"],
            dynamic_shapes=({0: torch.export.Dim("rows")},),
            dynamo=True,
            verbose=False,
        )
        assert program is not None, "with dynamo a program is returned"
        graph = program.model_proto
        content = graph if columns is None else with_columns(graph, columns)
    except ImportError as error:
        raise MissingExtraError(
            "ONNX files need onnx and onnxscript.", "Install them with: pip install 'thalweg[export]'"
        ) from error
    found: bytes = content.SerializeToString()
    return found
