"""The scale is each unit's own where the data say so, and common where they do not."""

import pytest

from effects.experiments import quick, table
from thalweg.effects.experiment.simulate import standard_cells


@pytest.mark.parametrize(("slope", "kind"), [(0.0, "common"), (0.3, "own")])
def test_auto_follows_the_data(slope, kind):
    design = {"shape": "positive", "scale_slope": slope, "cells": standard_cells(3, extra=True)}
    frame, _ = table(1, rows=4000, treatments=3, **design)
    answer = quick(epochs=60, hidden=(16,)).fit(frame, target="y", treatments=["t1", "t2", "t3"])
    assert answer.scale_choice.kind == kind
    assert answer.fit.model.scale_kind == kind
    assert answer.scale_choice.reason
    assert (answer.evaluation.scale_test is not None) == (kind == "common")
    assert bool(answer.evaluation.scales) == (kind == "common")
