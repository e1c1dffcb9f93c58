"""A page asked for without a folder: its place is looked at before the work, and it is written after the answer."""

from pathlib import Path
from typing import Any


def page_asked(asked: dict[str, Any]) -> Path | None:
    """Take the place of a page out of what was asked; None where a folder, or nothing, is to be kept.

    Parameters
    ----------
    asked
        By name; ``out`` is taken out if it ends with ``.html``.

    Raises
    ------
    SettingError, RunFolderError
        If no page can be written there.

    Examples
    --------
    >>> page_asked({"out": "runs/first"}) is None
    True
    """
    from thalweg.answers.showing import page_place

    page = page_place(asked.get("out"))
    if page is not None:
        del asked["out"]
    return page
