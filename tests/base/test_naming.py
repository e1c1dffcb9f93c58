"""Names of columns as callers give them."""

import pytest

from thalweg.base.errors import SettingError
from thalweg.base.naming import name_of, names_of


def test_one_name_alone_or_several():
    assert names_of("age") == ["age"]
    assert names_of(b"age") == ["b'age'"]  # no column, but one name, not three numbers
    assert names_of(iter(["age", 3])) == ["age", "3"]
    assert names_of(None) == []


@pytest.mark.parametrize("given", [["w"], ("w",), {"w": 1}, {"w"}])
def test_several_where_one_is_meant_are_refused_by_the_name_of_the_part(given):
    with pytest.raises(SettingError, match=r"^weights must be the name of one column"):
        name_of("weights", given)
