"""Half a sign, as JSON and Python's texts may hold, is told where a table is taken in."""

import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.data.reading.table import read_table

HALF = "caf\ud800"


@pytest.mark.parametrize(
    "source",
    [
        {"x": [1, 2], HALF: [3, 4]},
        {"x": [1, 2], "k": ["a", HALF]},
        [{"x": 1, HALF: 2}],
        [{"x": 1, "k": HALF}, {"x": 2, "k": "a"}],
    ],
)
def test_a_name_or_a_value_is_told_in_words(source):
    with pytest.raises(DataError, match=r"has the sign '\\ud800', half of one, which no file can hold\. Replace it"):
        read_table(source)


def test_a_query_with_one_is_no_statement():
    with pytest.raises(SettingError, match="must be one SELECT statement"):
        read_table({"x": [1]}, query="select x as \ud800 from data")
