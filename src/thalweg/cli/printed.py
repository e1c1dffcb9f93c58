"""What an action says, in the forms that can be asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class PageFile:
    """A page that is written after the answer was printed, so that no device loses both.

    Parameters
    ----------
    called
        What it is, such as "Report".
    place, content
        Where it goes, and all of it.
    """

    called: str
    place: Path
    content: bytes


@dataclass(frozen=True, slots=True)
class Printed:
    """What is printed: the answer as JSON, as text, or its main sentence; and what speaks against going on.

    Parameters
    ----------
    plain, text, brief
        For ``--json``, for readers, for ``--quiet``.
    complaints
        Reasons to mend the data first; the exit code is then 2.
    page
        What is written besides.
    """

    plain: Mapping[str, Any]
    text: str
    brief: str
    complaints: tuple[str, ...] = ()
    page: PageFile | None = None
