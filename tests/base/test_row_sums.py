import torch

from thalweg.base.axes import ALIGNMENT
from thalweg.base.row_sums import row_sum


def test_sums_are_those_of_the_rows():
    total = torch.arange(2 * 3 * 2 * ALIGNMENT, dtype=torch.float64).view(2, 3, -1)  # whole numbers: exact in any order
    assert torch.equal(row_sum(total), total.sum(2))


def test_partial_sums_round_better_than_one():
    total = torch.full((1, 1, 1 << 20), 0.1, dtype=torch.float32)
    one = torch.zeros((), dtype=torch.float32)
    for part in total.view(-1, 1024):  # one sum, number after number, in blocks to be quick
        one = torch.cumsum(torch.cat([one[None], part]), 0)[-1]
    exact = float(torch.tensor(0.1, dtype=torch.float32)) * (1 << 20)
    assert abs(row_sum(total).item() - exact) < abs(one.item() - exact)
