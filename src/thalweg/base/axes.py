"""The axes every array in thalweg is built from; shapes in docstrings use these letters alone.

P  member of the population          S  slot of a chunk (a member while it trains)
B  row of the mini-batch             N  row of the table
D  width entering a layer            H  width leaving a layer
C  class or output                   T  step within an epoch
E  epoch                             F  fold
"""

AXES: dict[str, str] = {
    "P": "member of the population",
    "S": "slot of a chunk",
    "B": "row of the mini-batch",
    "N": "row of the table",
    "D": "width entering a layer",
    "H": "width leaving a layer",
    "C": "class or output",
    "T": "step within an epoch",
    "E": "epoch",
    "F": "fold",
}
