"""Whether native steps can run here."""

import pytest

from thalweg.train.native import build, library


def native_steps_are_built():
    """Whether native steps can run here, by what was compiled when thalweg was installed."""
    return all(library.compiled(precision) for precision in build.PRECISIONS)


needs_native = pytest.mark.skipif(
    not native_steps_are_built(), reason="native steps were not compiled when thalweg was installed"
)
