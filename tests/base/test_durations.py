import pytest

from thalweg.base.durations import seconds_of, spoken
from thalweg.base.errors import SettingError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("10 min", 600), ("1h30m", 5400), ("1.5H", 5400), ("2d", 172_800), (0.5, 0.5)],
)
def test_lengths_of_time_are_read_as_people_write_them(text, seconds):
    assert seconds_of("time_limit", text) == seconds


@pytest.mark.parametrize(
    "text", ["10", "", "ten", "10 months", "-5m", "0s", 0, -1, True, float("nan"), float("inf"), None]
)
def test_what_is_no_length_of_time_is_refused_with_a_remedy(text):
    with pytest.raises(SettingError, match=r"time_limit must be a length of time above 0.*10m"):
        seconds_of("time_limit", text)


@pytest.mark.parametrize(
    ("seconds", "words"), [(59.6, "1 min"), (3599.9, "1 h"), (61, "1 min 1 s"), (86_399, "1 d"), (90_000, "1 d 1 h")]
)
def test_rounding_carries_into_the_next_unit(seconds, words):
    assert spoken(seconds) == words
