"""Sizes of differences in words."""

import pytest

from thalweg.select.scoring.difference_words import format_sizes


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ((123.4, -56.7, 300.0), ["123", "−57", "300"]),
        ((1234567.0,), ["1,234,567"]),
        ((0.0, 0.0), ["0.0", "0.0"]),
        ((-0.0004, 0.02), ["0.000", "0.020"]),
    ],
)
def test_sizes_are_printed_alike(values, texts):
    assert format_sizes(*values) == texts
