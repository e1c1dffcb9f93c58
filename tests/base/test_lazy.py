import sys
from types import ModuleType

import pytest

from thalweg.base.errors import SettingError
from thalweg.base.lazy import lazy_names


@pytest.fixture
def package(monkeypatch):
    made = ModuleType("thalweg.made_up")
    monkeypatch.setitem(sys.modules, "thalweg.made_up", made)
    return made


def test_a_name_is_loaded_once_and_kept(monkeypatch):
    base = sys.modules["thalweg.base"]
    monkeypatch.delattr(base, "SettingError", raising=False)
    load, names = lazy_names("thalweg.base", {"SettingError": "errors"})
    assert names() == ["SettingError"]
    assert load("SettingError") is SettingError
    assert base.SettingError is SettingError
    monkeypatch.delattr(base, "SettingError")


def test_other_names_are_missing_as_pythons_are(package):
    load, _ = lazy_names(package.__name__, {})
    with pytest.raises(AttributeError, match=r"module 'thalweg.made_up' has no attribute 'fit'"):
        load("fit")
