"""What is left of rows within the levels of an effect."""

import numpy as np
import pytest

from linear.streamed.parts import parts_of
from thalweg.base.errors import DataError
from thalweg.linear.streamed.within import within_levels


def test_clusters_that_hold_whole_levels_are_told_from_others():
    X, y, levels = np.arange(8.0)[:, None], np.arange(8.0) ** 2, np.repeat(np.arange(4), 2)
    for clusters, nested in ((levels // 2, {"firm"}), (np.arange(8) % 2, set())):
        stream = parts_of(X, y, clusters=(clusters,), levels=levels, count=2)
        assert within_levels(stream, 1, "firm", {"region": 2}, None)[1].nested == nested


def test_rows_that_are_all_alone_are_refused():
    stream = parts_of(np.ones((4, 1)), np.arange(4.0), levels=np.arange(4), count=2)
    with pytest.raises(DataError, match="alone in a level"):
        within_levels(stream, 1, "firm", {}, None)
