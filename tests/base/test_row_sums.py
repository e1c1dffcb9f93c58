import pytest
import torch

from thalweg.base.row_sums import LONG, PARTS, plan_row_sum


class AtOnce:
    """A planner that runs every operation at once."""

    def buffer(self, *shape):
        return torch.zeros(shape)

    def release(self, buffer):
        pass

    def op(self, text, function, *arguments, flops, **keywords):  # noqa: ARG002 - the planner's signature
        function(*arguments, **keywords)


def row_sum(x, axis):
    out = torch.zeros([1 if a == axis else n for a, n in enumerate(x.shape)])
    plan_row_sum(AtOnce(), "Σ", x, axis, out)
    return out


@pytest.mark.parametrize("count", [7, LONG, LONG + PARTS, LONG + 45])
@pytest.mark.parametrize("axis", [1, 2])
def test_sums_are_those_of_the_rows(axis, count):
    x = torch.arange(2.0 * 3 * count).remainder(7).view(2, 3, count)  # whole numbers: exact in any order
    x = x if axis == 2 else x.mT.contiguous()
    assert torch.equal(row_sum(x, axis), x.sum(axis, keepdim=True))


def test_a_long_sum_is_taken_in_parts():
    texts, planner = [], AtOnce()
    planner.op = lambda text, *_, **__: texts.append(text)
    plan_row_sum(planner, "Σ", torch.ones(1, 1, LONG + 1), 2, torch.zeros(1, 1, 1))
    assert texts == ["Σ, in 32 parts", "Σ, what is left", "Σ"]
