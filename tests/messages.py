"""Errors as they are raised: what a door says, and the places in the code that made those words."""

import ast
import re
import sys
from pathlib import Path

import pytest

import thalweg.data
from thalweg.base.errors import ThalwegError

DATA = Path(thalweg.data.__file__).parent
_ERRORS = {"DataError", "SettingError", "MissingExtraError", "ThalwegError"}


def places_of_errors(*rooms):
    """File and line of every error that the code of some folders of the room makes, sub-rooms left out."""
    return {
        (str(path), call.lineno)
        for room in rooms
        for path in (DATA / room).glob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _ERRORS
    }


def shown(places):
    return {f"{Path(path).relative_to(DATA)}:{line}" for path, line in places}


def answered(door, given):
    """Return the error a door answers with, or None; and text and place of every error made on the way."""
    made = []

    def recorded(error, problem, remedy):
        caller = sys._getframe(1)
        first(error, problem, remedy)
        made.append((str(error), (caller.f_code.co_filename, caller.f_lineno)))

    first = ThalwegError.__init__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ThalwegError, "__init__", recorded)
        try:
            door(given)
        except ThalwegError as error:
            return error, made
    return None, made


def places_with(words, made):
    return {place for text, place in made if re.search(words, text)}
