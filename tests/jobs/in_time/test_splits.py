import pytest

from thalweg.jobs.in_time.splits import doubled, too_short
from thalweg.jobs.in_time.time_limit import TimeLimit
from thalweg.jobs.populations import TimeOverError


@pytest.mark.parametrize(("asked", "tried"), [(1, [1]), (2, [1, 2]), (8, [1, 2, 4, 8]), (10, [1, 2, 4, 8, 10])])
def test_every_number_is_twice_the_one_before_and_the_last_was_asked_for(asked, tried):
    assert list(doubled(asked)) == tried


def test_a_limit_that_was_too_short_says_what_to_do():
    error = too_short(TimeOverError("0 of 4 networks.", ""), TimeLimit(30.0, 0.0), kept=False)
    assert "over before one split was complete" in error.problem
    assert error.problem.endswith("0 of 4 networks.")
