"""Every example in the estimators runs."""

import doctest
from importlib import import_module
from pkgutil import iter_modules

import pytest

from thalweg import estimators

NAMES = [found.name for found in iter_modules(estimators.__path__)]


@pytest.mark.parametrize("name", NAMES)
def test_examples(name):
    assert doctest.testmod(import_module(f"thalweg.estimators.{name}")).failed == 0
