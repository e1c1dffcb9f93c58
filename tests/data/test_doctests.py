"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import thalweg.data


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(thalweg.data.__path__)])
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(f"thalweg.data.{name}")).failed == 0
