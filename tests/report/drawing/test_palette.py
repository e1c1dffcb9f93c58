from itertools import combinations

import pytest

from thalweg.report.drawing.layers import DEEPEST
from thalweg.report.drawing.palette import DARK, LIGHT, STYLES, css


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_and_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("text", ["ink", "muted", "link"])
@pytest.mark.parametrize("ground", ["paper", "shade"])
def test_text_can_be_read(theme, text, ground):
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("style", ["first", "second"])
def test_text_on_the_strongest_tile_can_be_read(theme, style):
    paint, paper = theme[STYLES[style].colour], theme["paper"]
    mixed = [round(DEEPEST * int(paint[i : i + 2], 16) + (1 - DEEPEST) * int(paper[i : i + 2], 16)) for i in (1, 3, 5)]
    assert contrast("#" + "".join(f"{channel:02x}" for channel in mixed), theme["ink"]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_lines_can_be_seen(theme):
    for style in STYLES.values():
        assert contrast(theme[style.colour], theme["paper"]) >= 3, style
    assert contrast(theme["axis"], theme["paper"]) >= 3


def test_series_differ_without_colour():
    series = [STYLES[name] for name in ("first", "second", "third", "fourth")]
    for one, other in combinations(series, 2):
        assert one.dash != other.dash
        assert one.marker != other.marker


def test_training_is_blue_and_solid_validation_vermillion_and_dashed():
    assert (STYLES["train"].colour, STYLES["train"].dash) == ("blue", "")
    assert STYLES["validation"].colour == "vermillion"
    assert STYLES["validation"].dash


def test_both_themes_have_the_same_names_and_paper_prints_light():
    assert LIGHT.keys() == DARK.keys()
    assert "@media screen and (prefers-color-scheme:dark)" in css()
