"""Marks of an SVG that a picture made from it does not show."""

import io
import re
from xml.etree import ElementTree as ET

import numpy as np
from PIL import Image

PAPER = 255
LEAST = 10  # of 255: the faintest mark, a grid line 0.7 wide, darkens a pixel of a picture twice as large by more
FAINT = 0.05  # a tile fainter than this says zero
NEAR = 2  # pixels around the place that is looked at
SCALE = 2


def marks_of(svg):
    """Places that a drawing paints, in its own units: one for every line, path, bar, marker and tile to be seen."""
    root = ET.fromstring(svg)  # noqa: S314 - our own drawing
    window = next((part for part in root.iter() if part.tag.endswith("clipPath")), None)
    box = None if window is None else tuple(float(window[0].attrib[key]) for key in ("x", "y", "width", "height"))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    found = []
    for group, inside in [(root, (0.0, 0.0, width, height)), *((g, box) for g in root if g.tag.endswith("}g"))]:
        for node in group:
            place = _place(node)
            if place is not None and _painted(node) and _within(place, inside):
                found.append((node, place))
    return found


def lost_marks(svg, png):
    """Marks of a drawing that a picture of twice its size shows nowhere near their place."""
    image = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    lost, marks = [], marks_of(svg)
    for number, (node, (x, y)) in enumerate(marks):
        if any(_hides(later, x, y) for later, _ in marks[number + 1 :]):
            continue
        across, down = round(SCALE * x), round(SCALE * y)
        window = image[max(down - NEAR, 0) : down + NEAR + 1, max(across - NEAR, 0) : across + NEAR + 1]
        if (PAPER - window).max(initial=0) < LEAST:
            lost.append(ET.tostring(node).decode()[:200])
    return lost


def _hides(node, x, y):
    """Whether a hollow marker, which is white inside, lies over a place."""
    said = node.attrib
    if "fill:#ffffff" not in said.get("style", ""):
        return False
    if "r" in said:
        return (float(said["cx"]) - x) ** 2 + (float(said["cy"]) - y) ** 2 < float(said["r"]) ** 2
    if "points" not in said:
        return False
    across, down = zip(*(map(float, corner.split(",")) for corner in said["points"].split()), strict=True)
    return min(across) < x < max(across) and min(down) < y < max(down)


def _within(place, box):
    x, y, wide, tall = box
    return x < place[0] < x + wide and y < place[1] < y + tall


def _painted(node):
    said = {**node.attrib, **dict(part.split(":") for part in node.attrib.get("style", "").split(";") if ":" in part)}
    if float(said.get("fill-opacity", 1)) < FAINT:
        return False
    colours = {said.get("fill", "none"), said.get("stroke", "none")} - {"none", "#ffffff"}
    return bool(colours)


def _place(node):
    """A point that the shape passes through."""
    said, tag = node.attrib, node.tag.rpartition("}")[2]
    if tag == "line":
        return tuple(0.4 * float(said[f"{a}1"]) + 0.6 * float(said[f"{a}2"]) for a in "xy")
    if tag == "rect":
        x, y, wide, tall = (float(said[key]) for key in ("x", "y", "width", "height")) if "x" in said else (0, 0, 0, 0)
        hollow = "fill:none" in said.get("style", "")
        return (x, y + tall / 2) if hollow else (x + wide / 2, y + tall / 2)
    if tag == "circle":
        return float(said["cx"]) + float(said["r"]), float(said["cy"])
    if tag == "polygon":
        first = said["points"].split()[0]
        return tuple(map(float, first.split(",")))
    if tag == "path" and said["d"]:
        return tuple(map(float, re.match(r"M(-?[\d.]+) (-?[\d.]+)", said["d"]).groups()))
    return None
