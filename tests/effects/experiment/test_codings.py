"""Treatments written in words."""

import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError
from thalweg.effects.experiment.reading import read_experiment

T = np.arange(80) // 2 % 2


@pytest.mark.parametrize(
    ("untreated", "treated", "note"),
    [
        (0, 1, None),
        ("0", "1", None),
        (0.0, 1.0, None),
        (False, True, None),
        ("False", "True", None),
        ("no", "yes", "'yes' is 1, 'no' is 0"),
        ("Control", "Treatment", "'Treatment' is 1, 'Control' is 0"),
        (1, 2, "2 is 1, 1 is 0"),
        ("1", "2", "2 is 1, 1 is 0"),
    ],
)
def test_every_way_to_write_two_values_is_read_and_said(untreated, treated, note, tmp_path):
    frame = pd.DataFrame({"a": [treated if one else untreated for one in T], "b": np.arange(80) % 2})
    frame["x"], frame["y"] = np.arange(80) % 7, np.arange(80.0)
    frame.to_csv(tmp_path / "trial.csv", index=False)
    for source in (frame, tmp_path / "trial.csv"):
        reading = read_experiment(source, target="y", treatments=["a", "b"])
        experiment = reading.experiment
        assert (experiment.cells[experiment.received, 0] == T[reading.order]).all()
        told = [text for text in reading.notes if text.startswith("Treatment 'a'")]
        assert len(told) == (note is not None)
        assert note is None or note.lower().replace("'", "") in told[0].lower().replace("'", "")


@pytest.mark.parametrize("values", [["red", "blue"], [0, 2], [-1, 1], ["yes", "maybe"]])
def test_values_that_do_not_say_which_is_none_are_refused(values):
    frame = pd.DataFrame({"a": [values[one] for one in T], "y": np.arange(80.0)})
    with pytest.raises(DataError, match="Treatment 'a' must be 0 or 1 in every row"):
        read_experiment(frame, target="y", treatments=["a"])


def test_a_missing_treatment_is_told_by_its_row():
    frame = pd.DataFrame({"a": ["yes" if one else "no" for one in T], "y": np.arange(80.0)})
    frame.loc[6, "a"] = None
    with pytest.raises(DataError, match=r"in 1 row: .* in row 7"):
        read_experiment(frame, target="y", treatments=["a"])
