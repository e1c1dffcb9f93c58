"""Times and money in words."""

import pytest

from thalweg.planning.likely_range import LikelyRange
from thalweg.report.planning.units import dollars, spans


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.5, "0.500 seconds"),
        (119, "119 seconds"),
        (120, "2.00 minutes"),
        (7200, "2.00 hours"),
        (172_800, "2.00 days"),
        (8.64e200, "1e+196 days"),
    ],
)
def test_times_have_the_unit_of_their_size(seconds, words):
    assert spans(LikelyRange(seconds)) == words


def test_money_has_its_range():
    assert dollars(LikelyRange(12.5)) == "12.50"
    assert dollars(LikelyRange(12.5, 0.1, 0.1)) == "12.50 (11.00 to 14.21)"
    assert dollars(LikelyRange(2.02e6)) == "2.02 million"
