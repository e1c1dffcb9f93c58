import pytest
import torch

from thalweg.base.seeds import stream
from thalweg.train.steps.shuffle import permutations


@pytest.mark.parametrize("count", [1, 2, 3, 64, 65, 1000])
def test_they_are_the_permutations_of_the_streams(count):
    streams = [stream(seed, "order", 3) for seed in (-1, 0, 2**63)]
    found = permutations([s.key for s in streams], torch.full((3,), count), count + 2)
    for row, s in zip(found, streams, strict=True):
        assert row[:count].tolist() == s.permutation(count).tolist()
        assert row[count:].tolist() == [count + 2] * 2


def test_lengths_may_differ_from_row_to_row():
    key = stream(1, "order").key
    found = permutations([key, key], torch.tensor([3, 5]), 5)
    assert [sorted(row.tolist()) for row in found] == [[0, 1, 2, 5, 5], [0, 1, 2, 3, 4]]
