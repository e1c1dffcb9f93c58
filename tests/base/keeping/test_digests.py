import numpy as np
import pytest

from thalweg.base.keeping.digests import arrays_digest, is_whole, sealed


def test_a_seal_survives_json_and_notices_every_change():
    record = sealed({"b": (1.5, None, "ü"), "a": {"c": True}})
    assert is_whole(record)
    assert record["b"] == [1.5, None, "ü"]
    assert not is_whole(record | {"b": [1.5, None, "u"]})
    assert not is_whole({"a": 1})
    assert not is_whole({})


@pytest.mark.parametrize(
    "other", [{"w": np.array([1.0, 3.0])}, {"w": np.array([1, 2])}, {"v": np.array([1.0, 2.0])}, {}]
)
def test_arrays_differ_by_values_kinds_and_names(other):
    whole = {"w": np.array([1.0, 2.0])}
    assert arrays_digest(whole, "x") == arrays_digest({"w": np.array([1.0, 2.0, 9.0])[:2]}, "x")
    assert arrays_digest(other, "x") != arrays_digest(whole, "x")
    assert arrays_digest(whole, "ab", "c") != arrays_digest(whole, "a", "bc")
