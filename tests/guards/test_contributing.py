"""The contributors' map is the house: every room and sub-room, and no other."""

import re

from guards.repository import PACKAGE, ROOT, SOURCES

MAP = re.compile(r"^\| `((?:\w+/)+)` \|", re.MULTILINE)
ROOMS = {f"{path.parent.relative_to(PACKAGE).as_posix()}/" for path in SOURCES if path.parent != PACKAGE}


def page(*place):
    return ROOT.joinpath(*place).read_text(encoding="utf-8")


def test_the_map_shows_every_room_and_sub_room():
    assert sorted(MAP.findall(page("CONTRIBUTING.md"))) == sorted(ROOMS)


def test_the_architecture_page_tells_of_every_room():
    text = page("docs", "architecture.md")
    told = set(MAP.findall(text))
    assert told == {room for room in ROOMS if room.count("/") == 1}
    rows = {row.split("`")[1]: row for row in text.splitlines() if row.startswith("| `")}
    untold = [room for room in ROOMS - told if f"`{room.split('/')[1]}/`" not in rows[f"{room.split('/')[0]}/"]]
    assert untold == []
