"""An ONNX graph over the columns of a frame: texts become codes in front of the network."""

from collections.abc import Sequence
from typing import Any

from thalweg.data.kinds import MISSING_MARKERS
from thalweg.estimators.ensemble.frame_encoding import EncodedColumn

ML_DOMAIN, ML_VERSION = "ai.onnx.ml", 2


def with_columns(graph: Any, columns: Sequence[EncodedColumn]) -> Any:
    """Return an ONNX model with one input [rows 1] per column instead of the matrix of codes ``x``.

    Parameters
    ----------
    graph
        An ONNX model whose input ``x`` takes codes [rows K] in float64.
    columns
        Which column is what.
    """
    from onnx import TensorProto, compose, helper  # type: ignore[import-not-found] # noqa: PLC0415 - an extra

    inputs, nodes = [], []
    for place, column in enumerate(columns):
        texts = column.kind == "categorical"
        kind = TensorProto.STRING if texts else TensorProto.DOUBLE
        inputs.append(helper.make_tensor_value_info(column.name, kind, ["rows", 1]))
        nodes += _codes(column, place) if texts else [helper.make_node("Identity", [column.name], [f"code {place}"])]
    codes = [f"code {place}" for place in range(len(columns))]
    nodes.append(helper.make_node("Concat", codes, ["codes"], axis=1))
    output = helper.make_tensor_value_info("codes", TensorProto.DOUBLE, ["rows", len(codes)])
    [own] = [entry for entry in graph.opset_import if entry.domain == ""]
    front = helper.make_model(
        helper.make_graph(nodes, "columns", inputs, [output]),
        opset_imports=[helper.make_opsetid("", own.version), helper.make_opsetid(ML_DOMAIN, ML_VERSION)],
        ir_version=graph.ir_version,
    )
    graph.opset_import.append(helper.make_opsetid(ML_DOMAIN, ML_VERSION))
    return compose.merge_models(front, graph, io_map=[("codes", "x")])


def _codes(column: EncodedColumn, place: int) -> list[Any]:
    """Return the nodes from texts to places of levels; NaN where the text says that it is missing."""
    from onnx import TensorProto, helper  # noqa: PLC0415 - an extra

    markers = sorted(MISSING_MARKERS)
    known = {level: float(slot) for slot, level in enumerate(column.levels)} | dict.fromkeys(markers, float("nan"))
    lookup = helper.make_node(
        "LabelEncoder",
        [column.name],
        [f"float {place}"],
        domain=ML_DOMAIN,
        keys_strings=list(known),
        values_floats=list(known.values()),
        default_float=float(len(column.levels)),
    )
    return [lookup, helper.make_node("Cast", [f"float {place}"], [f"code {place}"], to=TensorProto.DOUBLE)]
