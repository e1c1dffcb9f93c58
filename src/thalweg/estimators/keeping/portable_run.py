"""A model of a comparison as one torch module, and as an ONNX file over the columns of its table."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from thalweg.base.errors import SettingError, setting
from thalweg.base.files import path_of, write_whole
from thalweg.data.encode import Encoder
from thalweg.data.reading.encodings import CategoryEncoding, DateEncoding, NumericEncoding
from thalweg.data.reading.ramps import Ramps
from thalweg.estimators.ensemble.frame_encoding import EncodedColumn, calendar
from thalweg.estimators.keeping.portable import exported
from thalweg.net.twin import to_module
from thalweg.select.compare_models import CHOSEN
from thalweg.select.learning.boosted_trees import BOOSTING
from thalweg.select.learning.recipe import TASK_LOSSES
from thalweg.select.predictor import Predictor
from thalweg.train.steps.parameters import split_vector


class RunModule(nn.Module):
    """What a model of a run predicts.

    Parameters
    ----------
    encoder
        From codes [N K], one column per column of the table, to features.
    members
        Networks of features, or one linear map.
    task
        What the outputs mean.
    centre, scale
        Of a numeric outcome.
    ramps
        Beside the features, for networks.

    Examples
    --------
    See :func:`run_module`.
    """

    ramp_column: Tensor
    ramp_low: Tensor
    ramp_width: Tensor
    ramp_centre: Tensor
    centre: Tensor
    scale: Tensor

    def __init__(
        self, encoder: Encoder, members: Sequence[nn.Module], task: str, centre: float, scale: float, ramps: Ramps
    ) -> None:
        super().__init__()
        for name, array in ramps.arrays().items():
            self.register_buffer(f"ramp_{name}", torch.from_numpy(array))
        self.register_buffer("centre", _double(centre))
        self.register_buffer("scale", _double(scale))
        self.members = nn.ModuleList(members)
        self.encoder, self.task = encoder, task
        self.dtype = next(self.members[0].parameters()).dtype

    def forward(self, codes: Tensor) -> Tensor:
        """Return predictions [N 1] or probabilities [N C], in float64, of codes [N K] in float64.

        Codes are numbers, truth values as 0 and 1, days since 1970-01-01, places of levels; NaN where one is missing.
        """
        parts = [_encoded(column, codes[:, place]) for place, column in enumerate(self.encoder.columns)]
        z = torch.cat(parts, 1)
        ramps = torch.clamp((z[:, self.ramp_column] - self.ramp_low) / self.ramp_width, 0.0, 1.0) - self.ramp_centre
        x = torch.cat([z, ramps], 1).to(self.dtype)
        return torch.stack([self._linked(member(x).double()) for member in self.members]).mean(0)

    def _linked(self, q: Tensor) -> Tensor:
        if self.task == "regression":
            return self.centre + self.scale * q
        return torch.softmax(torch.cat([torch.zeros_like(q), q], 1) if self.task == "binary" else q, 1)


def _encoded(column: object, codes: Tensor) -> Tensor:
    """Return the features of one column [N k], as the encoder of the run does."""
    gone = torch.isnan(codes)
    if isinstance(column, NumericEncoding):
        return _number(column, codes)
    if isinstance(column, DateEncoding):
        days = torch.floor(torch.where(gone, 0.0, codes)).long()
        others = [torch.where(gone, torch.nan, part.double()) for part in calendar(days)]
        return torch.cat([_number(part, v) for part, v in zip(column.parts, [codes, *others], strict=True)], 1)
    assert isinstance(column, CategoryEncoding)
    found = [codes == slot for slot in range(len(column.levels) + column.other)] + [gone] * column.missing
    known = [part & seen for part, seen in zip(found, column.seen, strict=True)]
    return torch.stack(known, 1).double()


def _double(value: float) -> Tensor:
    """Return a constant that exports in full: of a plain number they keep the 24 bits of a float32."""
    return torch.tensor(value, dtype=torch.float64)


def _number(column: NumericEncoding, values: Tensor) -> Tensor:
    gone = torch.isnan(values)
    known = torch.where(gone, _double(column.median), values)
    z = torch.where(known < _double(column.fence[0]), _double(column.low), known)
    z = torch.where(z > _double(column.fence[1]), _double(column.high), z)
    found = [(z - _double(column.mean)) * _double(column.factor)]
    return torch.stack([*found, *[(gone & column.missing_seen).double()] * column.indicator], 1)


def run_module(predictor: Predictor, model: str | None = None) -> RunModule:
    """Return a model of a run as a torch module.

    Parameters
    ----------
    predictor
        The models of a run.
    model
        One of its names; None takes the recommended one.

    Raises
    ------
    SettingError
        If the model is unknown or gradient boosting, or the run has a formula.

    Examples
    --------
    >>> import thalweg
    >>> run = thalweg.fit({"x": range(20), "y": range(0, 40, 2)}, target="y", hidden=0, folds=2)
    >>> run_module(run.predictor, "ridge regression")(torch.tensor([[3.0]], dtype=torch.float64)).round().item()
    6.0
    """
    name, encoder = model or predictor.recommended, predictor.encoder
    if name not in predictor.names:
        raise SettingError(f"There is no model {name!r} in this run.", f"It has {', '.join(predictor.names)}.")
    if name == BOOSTING:
        raise SettingError(
            "Trees of gradient boosting are no torch module.",
            f"Give {setting('model')}={predictor.linear[-1].name!r}, or a network of the run.",
        )
    if encoder.formula is not None:
        raise SettingError(
            f"A {setting('formula')} makes the columns of this run, which no ONNX file or torch module can read.",
            "Make the columns beforehand, and fit without it.",
        )
    for linear in predictor.linear:
        if linear.name == name:
            inputs, outputs = linear.coefficients.shape
            line = nn.Linear(inputs, outputs, dtype=torch.float64)
            numbers = {"weight": torch.tensor(linear.coefficients.T), "bias": torch.tensor(linear.intercept)}
            line.load_state_dict(numbers)
            return RunModule(encoder, [line], predictor.task, 0.0, 1.0, Ramps.none()).eval()
    assert predictor.setting is not None
    network, width = predictor.setting.network(), len(encoder.feature_names) + len(predictor.ramps)
    columns = len(predictor.classes) if predictor.task == "multiclass" else 1
    specs = network.parameters(width, TASK_LOSSES[predictor.task].outputs(columns))
    vectors = predictor.networks[:1] if name == CHOSEN else predictor.networks
    members = [to_module(network, split_vector(specs, vector)) for vector in vectors]
    return RunModule(encoder, members, predictor.task, predictor.centre, predictor.scale, predictor.ramps).eval()


def save_run_onnx(predictor: Predictor, path: str | Path, model: str | None = None) -> Path:
    """Write a model of a run as one ONNX file, with an input [rows 1] for every column of the table, by its name.

    Texts for categories (empty where missing), float64 for the others (NaN where missing), dates as days since
    1970-01-01, truth values as 0 and 1; output ``prediction`` [rows C]: the outcome, or the probability of each class.

    Parameters
    ----------
    predictor, model
        As for :func:`run_module`.
    path
        The file.

    Raises
    ------
    MissingExtraError
        If onnx or onnxscript is not installed.
    SettingError
        As for :func:`run_module`.
    RunFolderError
        If the file cannot be written.

    Examples
    --------
    >>> import thalweg
    >>> run = thalweg.fit({"x": range(20), "y": range(0, 40, 2)}, target="y", hidden=0, folds=2)
    >>> save_run_onnx(run.predictor, "line.onnx")  # doctest: +SKIP
    """
    place, encoder = path_of("path", path), predictor.encoder
    columns = [EncodedColumn(c.name, c.kind, encoder.levels(c.name)) for c in encoder.columns]
    content = exported(run_module(predictor, model), len(columns), columns)
    write_whole(place, content)
    return place
