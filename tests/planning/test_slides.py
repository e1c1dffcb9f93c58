"""The lecture's slides on costs, each figure as the reference cases have it."""

from thalweg.planning.slides import deck_lines

LINES = {line.claim: line for line in deck_lines()}


def line(start):
    return next(found for claim, found in LINES.items() if claim.startswith(start))


def test_every_slide_on_costs_is_there():
    assert {found.slide for found in LINES.values()} == {36, 37, 38}


def test_prices_of_the_slide_are_of_kinds_it_does_not_name():
    assert "3 years" in line("GCP").found
    assert "2.28 times" in line("GCP").reason
    assert "capacity block" in line("AWS").found
    assert "2.50 times" in line("AWS").reason


def test_bars_above_one_hundred_per_cent():
    assert "106%" in line("ResNet-50, A100 PCIe").found
    assert "124%" in line("ResNet-50, H100 PCIe").found


def test_networks_of_the_slide():
    assert line("ResNet-50 has 12").found == "25.56 million"
    assert "195 TFLOP/s" in line("ResNet-50 on ImageNet").reason
    assert "at least 6.3 hours" in line("BERT").found
    assert line("GPT-3: 3.15e23 / 80e12").found == "44.5 days"
    assert "69.8" in line("GPT-3: 3.15e23 / 80e12").reason
    assert "60 days, 80 % between 40 and 100" in line("GPT-3: 100 days").found
