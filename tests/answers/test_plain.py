"""Plain values of results."""

import json
from dataclasses import dataclass
from datetime import date

import numpy as np

from thalweg.answers.plain import plain_values


@dataclass(frozen=True)
class Found:
    when: date
    values: np.ndarray


def test_nested_results_become_json():
    found = {"a": [Found(date(2026, 1, 2), np.array([1.0, np.inf]))], 3: (np.float32(0.5), None, True)}
    assert json.loads(json.dumps(plain_values(found))) == {
        "a": [{"when": "2026-01-02", "values": [1.0, None]}],
        "3": [0.5, None, True],
    }
