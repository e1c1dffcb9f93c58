import re
from datetime import datetime, time

import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError
from thalweg.data.problem import pose

N = np.arange(60)


def posed(cells, **asked):
    return pose({"v": [str(cell) for cell in cells], "x": N % 7, "y": np.sin(N)}, target="y", **asked)


@pytest.mark.parametrize(
    ("cells", "words", "first"),
    [
        ([f"{n % 24:02d}:{n % 60:02d}" for n in N], "times or durations such as '00:00'", 0.0),
        ([f"{n % 30}:30:00" for n in N], "times or durations", 1800.0),
        ([f"{n % 3 + 2} days 01:00:00.5" for n in N], "times or durations", 176400.5),
        (["<0.5" if n % 3 == 0 else f"{n / 4}" for n in N], "limits of numbers such as '<0.5'", 0.5),
        (["≥ 100" if n % 5 == 0 else f"{n}" for n in N], "limits of numbers such as '≥ 100'", 100.0),
    ],
)
def test_what_means_numbers_is_refused_with_the_query_that_reads_it(cells, words, first):
    with pytest.raises(DataError, match=words) as caught:
        posed(cells)
    query = re.search(r"query (select .* from data),", str(caught.value))[1]
    assert posed(cells, query=query).features["v"].iloc[0] == first
    assert "v" not in posed(cells, ignore=["v"]).features


def test_thousands_and_millions_are_not_mixed():
    with pytest.raises(DataError, match=r"more than one letter: '[01]\.5[kM]' and '[01]\.5[kM]'"):
        posed([f"{n}.5{'k' if n % 2 else 'M'}" for n in N])
    assert posed([f"{n}.5k" for n in N]).features["v"].tolist() == (N + 0.5).tolist()


@pytest.mark.parametrize(
    "cells",
    [
        ["<18" if n % 3 else ">65" for n in N],  # classes of age
        ["<5" if n % 3 == 0 else f"{n % 4}" for n in N],  # few values: codes
        ["10:3" if n % 2 else "2:1" for n in N],  # scores
        ["4:75" if n % 2 else "2:15" for n in N],
        [("1k", "2b", "other")[n % 3] for n in N],
    ],
)
def test_names_stay_names(cells):
    assert posed(cells).features["v"].tolist() == cells


def test_times_of_any_type_are_refused_with_a_query_that_reads_them():
    table = pd.DataFrame({"v": [time(n % 24, n) for n in N], "x": N % 7, "y": np.sin(N)})
    with pytest.raises(DataError, match="times or durations such as '00:00:00'") as caught:
        pose(table, target="y")
    query = re.search(r"query (select .* from data),", str(caught.value))[1]
    assert pose(table, target="y", query=query).features["v"].iloc[:2].tolist() == [0.0, 3660.0]
    mixed = table.assign(v=[time(1), datetime(2024, 1, 1)] * 30)
    with pytest.raises(DataError, match="times or durations such as '01:00:00'"):
        pose(mixed, target="y")


@pytest.mark.parametrize("written", ["{}:30 {}", "{}:30:15{}"])
def test_the_query_for_times_of_half_a_day_reads_them(written):
    table = {"end": [written.format(n % 12 + 1, "AM" if n % 2 else "PM") for n in range(40)], "y": np.arange(40.0)}
    with pytest.raises(DataError, match="times or durations") as caught:
        pose(table, target="y")
    [query] = re.findall(r"select .*? from data", str(caught.value))
    seconds = pose(table, target="y", query=query).features["end"]
    assert seconds.iloc[0] == 13 * 3600 + 30 * 60 + (15 if "15" in written else 0)
