"""Everything there is to say about an experiment, gathered once."""

from effects.experiments import NAMES, quick, table
from thalweg.effects.summary import summarise


def test_intervals_for_all_at_once_are_wider():
    frame, _ = table(silent=(0,), rows=1200, treatments=3)
    answer = quick(epochs=30, scale="local").fit(frame, **NAMES | {"treatments": ["t1", "t2", "t3"]})
    found = summarise(answer, table="trial", comparison=answer.compare())
    shown = [(one, both) for one, both in zip(found.effects, found.together, strict=True) if one.estimate is not None]
    assert shown
    for one, together in shown:
        assert together.low < one.low < one.estimate < one.high < together.high
