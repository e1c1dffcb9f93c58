"""Names of columns as callers give them."""

import duckdb
import pandas as pd
import pytest

from thalweg.base.errors import SettingError
from thalweg.base.naming import name_of, names_of, sql_name


def test_one_name_alone_or_several():
    assert names_of("age") == ["age"]
    assert names_of(b"age") == ["b'age'"]  # no column, but one name, not three numbers
    assert names_of(iter(["age", 3])) == ["age", "3"]
    assert names_of(None) == []


@pytest.mark.parametrize("given", [["w"], ("w",), {"w": 1}, {"w"}])
def test_several_where_one_is_meant_are_refused_by_the_name_of_the_part(given):
    with pytest.raises(SettingError, match=r"^weights must be the name of one column"):
        name_of("weights", given)


def test_a_column_of_any_name_stands_in_a_query_as_it_is_written():
    connection = duckdb.connect()
    words = [word for (word,) in connection.execute("select keyword_name from duckdb_keywords()").fetchall()]
    assert "group" in words
    for name in [*words, "net price", 'a "b"', "Order", "1st", "größe"]:
        frame = pd.DataFrame({name: ["7"]})  # noqa: F841 - the query reads it
        column = sql_name(name)
        query = f"select * replace (nullif({column}, '')::double as {column}) from frame where {column} <> 'a'"  # noqa: S608 - a test's own
        assert connection.execute(query).fetchall() == [(7.0,)]
