import json

import numpy as np
import pandas as pd
import polars as pl
import pytest

from thalweg.base.errors import DataError
from thalweg.data.encode import Encoder, fit_encoder
from thalweg.data.new_rows import encode_new_rows
from thalweg.data.problem import pose

FRAME = pd.DataFrame(
    {
        "age": [20.0, 30.0, np.nan, 50.0, 61.5, 33.0] * 5,
        "dose": np.arange(30) / 4,
        "ward": ["n", "s", None, "e", "n", "s"] * 5,
        "smoker": ["true", "false"] * 15,
        "day": pd.date_range("2024-01-01", periods=30).strftime("%Y-%m-%d"),
        "y": np.arange(30.0) ** 2,
    }
)
TRAIN = np.arange(18)
PROBLEM = pose(FRAME, target="y")
ENCODER = fit_encoder(PROBLEM, TRAIN)


@pytest.mark.parametrize("form", ["csv", "parquet", "pandas", "polars", "dict"])
def test_new_rows_from_any_source_equal_the_training_table(tmp_path, form):
    new = FRAME.drop(columns="y")
    if form == "csv":
        new.to_csv(tmp_path / "new.csv", index=False)
    if form == "parquet":
        new.to_parquet(tmp_path / "new.parquet")
    sources = {"pandas": new, "polars": pl.from_pandas(new), "dict": {name: new[name].tolist() for name in new}}
    encoder = Encoder.from_dict(json.loads(json.dumps(ENCODER.to_dict())))
    found, notes, _ = encode_new_rows(encoder, sources.get(form, tmp_path / f"new.{form}"))
    np.testing.assert_array_equal(found, ENCODER.transform(PROBLEM.features))
    assert notes == ()


def test_extra_columns_are_told_and_absent_ones_named_together():
    _, notes, _ = encode_new_rows(ENCODER, FRAME.assign(comment="x"))
    assert [note.code for note in notes] == ["extra_columns"]
    assert notes[0].columns == ("y", "comment")
    with pytest.raises(DataError, match=r"lack 2 columns the model was trained on: 'dose', 'ward'.*They have 'age'"):
        encode_new_rows(ENCODER, FRAME.drop(columns=["dose", "ward"]))


def test_what_training_never_saw_is_told():
    new = FRAME.drop(columns="y").head(4).assign(ward=["n", "zoo", "zoo", None], dose=[1.0, None, 2.0, 3.0])
    z, notes, _ = encode_new_rows(ENCODER, new)
    said = {note.code: note for note in notes}
    assert said["unseen_levels"].columns == ("ward",)
    assert "'zoo'; they are encoded as all zeros (2 rows)" in said["unseen_levels"].text
    assert said["unseen_missing"].text == (
        "Column 'dose' is missing in 1 row and was complete in training: counted as the training median."
    )
    ward = [place for place, name in enumerate(ENCODER.feature_names) if name.startswith("ward=")]
    assert z[1, ward].tolist() == z[2, ward].tolist() == [0.0] * len(ward)
    assert z[3, ENCODER.feature_names.index("ward=(missing)")] == 1.0
    assert z[1, ENCODER.feature_names.index("dose")] == 0.0


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("age", "old", "'age' must be numeric, but row 2 holds 'old'"),
        ("age", np.inf, "'age' is infinite in row 2"),
        ("smoker", "sometimes", "'smoker' must be boolean"),
        ("day", "soon", "'day' must be date"),
    ],
)
def test_values_of_another_kind_are_refused_with_their_row(column, value, says):
    new = FRAME.head(3).astype({column: object})
    new.loc[1, column] = value
    with pytest.raises(DataError, match=says):
        encode_new_rows(ENCODER, new)


def test_one_row_and_one_class_are_enough():
    z, _, _ = encode_new_rows(ENCODER, FRAME.head(1))
    np.testing.assert_array_equal(z, ENCODER.transform(PROBLEM.features)[:1])


def test_a_query_selects_new_rows():
    z, _, _ = encode_new_rows(ENCODER, FRAME, query="select * from data where dose >= 7")
    np.testing.assert_array_equal(z, ENCODER.transform(PROBLEM.features)[28:])


def test_rare_levels_become_other():
    rng = np.random.default_rng(0)
    table = {"k": [f"k{level}" for level in rng.zipf(1.3, size=5000) % 2000], "y": rng.normal(size=5000)}
    encoder = fit_encoder(pose(table, target="y"), np.arange(5000))
    z, notes, _ = encode_new_rows(encoder, {"k": ["never"]})
    assert z[0, -1] == 1.0
    assert "count as '(other)'" in notes[0].text


LEVELS = ["007", "1.10", "TRUE", "+1", "9007199254740993", "A12", "NA-type", "2024-01-01"]


@pytest.mark.parametrize("form", ["csv", "pandas", "polars", "arrow", "records"])
def test_levels_are_matched_as_texts_alone_and_in_company(tmp_path, form):
    frame = pd.DataFrame({"k": LEVELS * 10, "x": np.arange(80.0), "y": np.arange(80.0) ** 2})
    encoder = fit_encoder(pose(frame, target="y"), np.arange(80))
    new = frame.head(8)[["k", "x"]]
    wanted = encoder.transform(frame.head(8))

    def given(rows):
        if form == "csv":
            rows.to_csv(tmp_path / "new.csv", index=False)
            return tmp_path / "new.csv"
        makers = {"pandas": lambda r: r, "polars": pl.from_pandas, "arrow": lambda r: pl.from_pandas(r).to_arrow()}
        return rows.to_dict("records") if form == "records" else makers[form](rows)

    whole, notes, _ = encode_new_rows(encoder, given(new))
    np.testing.assert_array_equal(whole, wanted)
    assert notes == ()
    alone = [encode_new_rows(encoder, given(new.iloc[[row]]))[0][0] for row in range(8)]
    np.testing.assert_array_equal(np.array(alone), wanted)


def test_formatted_numbers_and_dates_are_read_as_in_training():
    table = {"price": ["1.234,5", "2,5", "3"] * 10, "day": ["31.12.2024", "01.02.2024", "03.04.2024"] * 10}
    encoder = fit_encoder(pose({**table, "y": list(range(30))}, target="y"), np.arange(30))
    copy = Encoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
    one, _, _ = encode_new_rows(copy, {"price": ["1.234"], "day": ["03.04.2024"]})
    same, _, _ = encode_new_rows(copy, {"price": [1234.0], "day": [pd.Timestamp("2024-04-03")]})
    np.testing.assert_array_equal(one, same)
    with pytest.raises(DataError, match=r"numbers written like 1.234,5.*row 1 holds '1.5'"):
        encode_new_rows(copy, {"price": ["1.5"], "day": ["03.04.2024"]})
