"""Successive halving: all candidates train a little, the best of them go on; the plan and the record of it."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count, check_number
from thalweg.base.keeping.digests import is_whole, sealed
from thalweg.base.keeping.json_files import read_json, readable
from thalweg.estimators.search.candidates import ranks

RECORD = "rungs.json"


def stages(candidates: int, epochs: int, factor: float) -> list[tuple[int, int]]:
    """Return (candidates, epochs) of every stage: the last has the full epochs, each before it 1/factor of the next.

    Examples
    --------
    >>> stages(30, 200, 3.0)
    [(30, 8), (10, 23), (4, 67), (2, 200)]
    """
    check_number("factor", factor, low=1.0, open_low=True)
    check_count("epochs", epochs)
    count = 1 + math.floor(math.log(candidates) / math.log(factor) + 1e-9)
    kept = [math.ceil(candidates / factor**stage) for stage in range(count)]
    plan = [(k, max(1, math.ceil(epochs / factor ** (count - 1 - stage)))) for stage, k in enumerate(kept)]
    return [pair for pair, before in zip(plan, [(0, 0), *plan[:-1]], strict=True) if pair[1] != before[1]]


@dataclass(slots=True, eq=False)
class Standings:
    """Who is left, and the scores of everyone's last stage.

    Parameters
    ----------
    scores
        Per candidate and fold [K F].
    alive
        Candidates that go on.
    stage
        Last stage of each candidate [K].

    Examples
    --------
    >>> standings = Standings.of(4, 1)
    >>> standings.enter(0, [0, 1, 2, 3], np.array([[0.1], [0.4], [0.2], [0.3]]))
    >>> standings.keep(2)
    [1, 3]
    """

    scores: FloatArray
    alive: list[int]
    stage: NDArray[np.int64]

    @classmethod
    def of(cls, candidates: int, folds: int) -> "Standings":
        """Return the standings before the first stage."""
        return cls(np.zeros((candidates, folds)), list(range(candidates)), np.zeros(candidates, dtype=np.int64))

    def enter(self, stage: int, which: list[int], scores: FloatArray) -> None:
        """Take note of the scores of candidates in a stage."""
        self.scores[which], self.stage[which] = scores, stage

    def keep(self, count: int) -> list[int]:
        """Let the best candidates by mean score go on, earlier ones first among equals, and return them."""
        order = np.argsort(ranks(self.scores[self.alive].mean(axis=1)), kind="stable")[:count]
        self.alive = sorted(np.array(self.alive)[order].tolist())
        return self.alive

    def to_json(self) -> bytes:
        """Return what an interrupted search needs to go on."""
        plain = {"scores": self.scores.tolist(), "alive": self.alive, "stage": self.stage.tolist()}
        return json.dumps(sealed(plain)).encode()


def recall(folder: Path | None, candidates: int, folds: int) -> tuple[Standings, int]:
    """Return the standings of an interrupted search and how many rungs it has passed."""
    if folder is None or not (folder / RECORD).exists():
        return Standings.of(candidates, folds), 0
    place, remedy = folder / RECORD, "Delete the folder of the search, and search again."
    plain = read_json(place, remedy)
    with readable(place, remedy):
        if not is_whole(plain):
            raise ValueError("its SHA-256 is not the one it carries")
        stage = np.array(plain["stage"], dtype=np.int64)
        scores = np.array(plain["scores"], dtype=np.float64)
        if scores.shape != (candidates, folds) or stage.shape != (candidates,):
            raise ValueError(f"it is about {len(stage)} candidates")
        return Standings(scores, [int(number) for number in plain["alive"]], stage), int(stage.max()) + 1
