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

ALIGNMENT = 32
"""Numbers that torch's vector kernels take in one stride (two registers of float32); what is left over at the end of a
tensor goes through scalar code that may round differently. A slot's numbers start at multiples of it and batches are
padded to it, so that a member's numbers meet the same code in any company."""
