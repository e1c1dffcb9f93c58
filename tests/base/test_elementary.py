"""Functions of which no C library can change a bit, against forty digits."""

import hashlib
import math

import mpmath
import numpy as np
import pytest

from thalweg.base.elementary import (
    cosine_of_half_turns,
    logarithm,
    normal_quantile,
    ordered_sum,
    orthonormal,
    raised,
)
from thalweg.base.seeds import Stream

DRAWS = Stream(0).uniform(400)
FOURTH = DRAWS * DRAWS * (DRAWS * DRAWS)
SMALL = FOURTH * FOURTH
PROBABILITIES = np.concatenate([DRAWS, SMALL, 1.0 - SMALL, [2.0**-54, 0.5, 0.075, 0.925, 1.0 - 2.0**-53]])


def units_off(found, function, at):
    with mpmath.workdps(40):
        exact = [function(mpmath.mpf(float(x))) for x in at]
        return max(
            abs(float((mpmath.mpf(float(f)) - e) / mpmath.mpf(float(np.spacing(abs(float(e)))))))
            for f, e in zip(found, exact, strict=True)
            if e != 0
        )


def test_logarithms():
    x = np.concatenate([PROBABILITIES, 1.0 / PROBABILITIES, 1e200 * DRAWS, 1.0 + (DRAWS - 0.5) / 1024])
    assert units_off(logarithm(x), mpmath.log, x) < 2.5
    assert logarithm(np.array([1.0])).tolist() == [0.0]


def test_quantiles():
    found = normal_quantile(PROBABILITIES)
    assert units_off(found, lambda u: mpmath.sqrt(2) * mpmath.erfinv(2 * u - 1), PROBABILITIES) < 8
    assert np.isfinite(found).all()


def test_cosines():
    ends = [cosine_of_half_turns(t) for t in (0.0, 0.5, 1.0)]
    assert ends == [1.0, 0.0, -1.0]
    with mpmath.workdps(40):
        off = [abs(cosine_of_half_turns(t) - mpmath.cos(mpmath.pi * mpmath.mpf(t))) for t in DRAWS.tolist()]
    assert max(off) < 2.5e-16


@pytest.mark.parametrize("exponent", [0, 1, 2, 13, 100])
def test_powers(exponent):
    assert raised(0.9, exponent) == pytest.approx(0.9**exponent, rel=1e-14)
    assert raised(0.5, exponent) == 0.5**exponent


@pytest.mark.parametrize("length", [1, 2, 3, 7, 64, 1001])
def test_sums(length):
    assert float(ordered_sum(DRAWS[:length])) == pytest.approx(math.fsum(DRAWS[:length]), rel=1e-14)


@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (40, 9), (80, 80)])
def test_orthonormal_columns_span_what_was_given_on_its_side(shape):
    given = Stream(1).normal(math.prod(shape)).reshape(shape)
    found = orthonormal(given)
    assert np.abs(found.T @ found - np.eye(shape[1])).max() < 1e-12
    r = found.T @ given
    assert (np.diag(r) > 0).all()
    assert np.abs(np.tril(r, -1)).max(initial=0) < 1e-12 * np.abs(given).max()


def test_every_machine_gives_these_bits():
    """Pinned on x86-64; all steps are single roundings, so that no machine may differ."""
    whole = hashlib.sha256()
    for found in (logarithm(PROBABILITIES), normal_quantile(PROBABILITIES), ordered_sum(DRAWS)):
        whole.update(np.ascontiguousarray(found).tobytes())
    whole.update(orthonormal(normal_quantile(DRAWS).reshape(20, 20)).tobytes())
    whole.update(np.array([cosine_of_half_turns(t) for t in DRAWS.tolist()]).tobytes())
    assert whole.hexdigest()[:16] == "14232634a47a0abf"
