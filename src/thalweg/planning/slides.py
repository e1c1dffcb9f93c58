"""Three slides of a lecture, recomputed: what they say, what comes out, and why the two differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from thalweg.planning.catalogue.devices import find_device
from thalweg.planning.catalogue.electricity import electricity_of
from thalweg.planning.catalogue.prices import price_of
from thalweg.planning.fleet import Fleet, read_fleet
from thalweg.planning.forecast import Forecast, forecast, rate_needed
from thalweg.planning.work.convolution import residual_network
from thalweg.planning.work.training_memory import state_bytes
from thalweg.planning.work.training_work import picture_work, token_work

_DAY: Final = 86_400.0
_PICTURES: Final = 1_281_167  # of the ImageNet challenge of 2012
_BERT_STEPS: Final = 1_000_000
_BERT_BATCH: Final = 256
_BERT_CONTEXTS: Final = ((0.9, 128), (0.1, 512))  # shares of steps with these tokens; Devlin et al. 2019, appendix A.2


@dataclass(frozen=True, slots=True)
class DeckLine:
    """A claim of a slide beside its recomputation.

    Parameters
    ----------
    slide
        Its number.
    claim
        What it says.
    found
        What comes out.
    reason
        Why the two differ, or that they do not.

    Examples
    --------
    >>> deck_lines()[-1].found
    '44.5 days'
    """

    slide: int
    claim: str
    found: str
    reason: str


def deck_lines() -> tuple[DeckLine, ...]:
    """Return every claim on costs of slides 36 to 38, recomputed from the catalogue and the formulas.

    Examples
    --------
    >>> sorted({line.slide for line in deck_lines()})
    [36, 37, 38]
    """
    return (*_prices(), *_comparison(), *_pictures(), *_text(), *_large())


def _prices() -> Iterator[DeckLine]:
    for vendor, total, kind in (("GCP", 38.84, "3 years"), ("AWS", 39.33, "capacity block")):
        rent, open_rent = price_of("H100-SXM5-80", kind, vendor), price_of("H100-SXM5-80", "on-demand", vendor)
        assert rent is not None
        assert open_rent is not None
        yield DeckLine(
            36,
            f"{vendor}: US$ {total} for eight H100 an hour",
            f"US$ {8 * rent.dollars:.2f} ({rent.words()})",
            f"This is the kind '{rent.kind}'; by the hour it was US$ {8 * open_rent.dollars:.2f}, "
            f"{8 * open_rent.dollars / total:.2f} times as much ({open_rent.dated:%Y-%m}).",
        )
    net = residual_network(50)
    wrong = 6 * net.parameters
    yield DeckLine(
        36,
        "costs are proportional to the number of parameters and the size of the data",
        f"true for dense networks and transformers; {net.step_flops / wrong:,.0f} times too small for {net.name}",
        "A convolution uses each weight at every pixel: operations must be counted layer by layer.",
    )


def _comparison() -> Iterator[DeckLine]:
    bars = {"A100 PCIe": (2535, 9366, 21479), "H100 PCIe": (3042, 11989, 30070)}
    for name, (one, four, eight) in bars.items():
        yield DeckLine(
            37,
            f"ResNet-50, {name}: {one:,}, {four:,} and {eight:,} pictures a second on 1, 4 and 8",
            f"{four / one / 4:.0%} of four times one, {eight / one / 8:.0%} of eight times one",
            "More than 100 % cannot be the same machines: the eight are most likely of another form (SXM).",
        )


def _pictures() -> Iterator[DeckLine]:
    small, net = residual_network(18), residual_network(50)
    yield DeckLine(
        38,
        "ResNet-50 has 12 million parameters",
        f"{net.parameters / 1e6:.2f} million",
        f"{small.parameters / 1e6:.2f} million is {small.name}. Time is set by {net.forward_flops / 1e9:.2f} GFLOP a "
        "picture forward, not by parameters.",
    )
    fleet = Fleet(find_device("A100-SXM4-80"), 8)
    whole = picture_work(net, _PICTURES, 90)
    needed = rate_needed(whole, fleet, 1800)
    peak = fleet.device.peak("tf32")
    row = forecast(whole, fleet, electricity_of(), precision="tf32")
    yield DeckLine(
        38,
        "ResNet-50 on ImageNet in TF32: 30 minutes on eight A100",
        f"{row.seconds.middle / 3600:.1f} hours for 90 epochs ({row.seconds.low / 3600:.1f} to "
        f"{row.seconds.high / 3600:.1f})",
        f"30 minutes would need {needed / 1e12:.0f} TFLOP/s of each, above the TF32 peak of {peak / 1e12:.0f}. "
        "MLPerf 1.0 took 28.8 minutes in FP16 with 35 epochs.",
    )


def _text() -> Iterator[DeckLine]:
    tokens = _BERT_STEPS * _BERT_BATCH * sum(share * context for share, context in _BERT_CONTEXTS)
    work, fleet = token_work(110e6, tokens), Fleet(find_device("A100-SXM4-40"), 8)
    needed, peak = rate_needed(work, fleet, 5 * 3600), fleet.device.peak("tf32")
    least = work.flops / (fleet.count * peak) / 3600
    yield DeckLine(
        38,
        "BERT, 110 million parameters, TF32: 5 hours on one DGX",
        f"at least {least:.1f} hours at the peak, {least / 0.4:.1f} at 40 % of it",
        f"5 hours would need {needed / 1e12:.0f} TFLOP/s of each; the TF32 peak is {peak / 1e12:.0f}. "
        "NVIDIA published 4.6 hours for BERT-Large on 32 DGX, not one.",
    )


def _large() -> Iterator[DeckLine]:
    work, fleet = token_work(175e9, 300e9), read_fleet("1024xa100-40@aws")
    yield DeckLine(
        38,
        "GPT-3: 175 billion parameters x 300 billion tokens x 6 = 3.15e23 operations",
        f"{work.flops:.3g}",
        "The same. Computing all activations twice makes it 8 for 6.",
    )
    per_device = state_bytes(175e9, devices=fleet.count, sharded=3)
    yield DeckLine(
        38,
        "GPT-3 on 128 DGX (A100)",
        f"{state_bytes(175e9) / 1e12:.2f} TB of weights, gradients and Adam's state",
        f"No device holds that: shared among {fleet.count:,} it is {per_device / 1e9:.2f} GB each.",
    )
    prior = forecast(work, fleet, electricity_of("USA"), precision="tf32")
    yield DeckLine(
        38,
        "GPT-3: 100 days at most",
        f"{prior.seconds.middle / _DAY:.0f} days, 80 % between {prior.seconds.low / _DAY:.0f} and "
        f"{prior.seconds.high / _DAY:.0f}",
        "By utilisations of published runs: the range of the slide is right.",
    )
    row = forecast(work, fleet, electricity_of("USA"), precision="tf32", rate=80e12)
    dollars = row.dollars
    assert dollars is not None
    assert row.kwh is not None
    yield DeckLine(
        38,
        "GPT-3: what it costs is not said",
        f"US$ {dollars.middle / 1e6:.2f} million on demand, {row.kwh / 1000:,.0f} MWh",
        f"{row.device_hours.middle:,.0f} device-hours at {row.price.words() if row.price else ''}.",
    )
    yield DeckLine(
        38,
        "GPT-3: 3.15e23 / 80e12 / 128 / 8 / 24 / 3600 is about 51 days",
        f"{row.seconds.middle / _DAY:.1f} days",
        f"51 days are {rate_needed(work, fleet, 51 * _DAY) / 1e12:.1f} TFLOP/s of each, 100 days "
        f"{rate_needed(work, fleet, 100 * _DAY) / 1e12:.1f}.",
    )


def claimed_days() -> tuple[Forecast, tuple[tuple[str, float], ...]]:
    """Return the time of the largest network by published utilisations, and the days that slide 38 names.

    Examples
    --------
    >>> [name for name, _ in claimed_days()[1]]
    ['its arithmetic', 'slide 38', 'slide 38, at most']
    """
    work, fleet = token_work(175e9, 300e9), read_fleet("1024xa100-40@aws")
    prior = forecast(work, fleet, electricity_of("USA"), precision="tf32")
    exact = forecast(work, fleet, electricity_of("USA"), precision="tf32", rate=80e12)
    claims = (("its arithmetic", exact.seconds.middle / _DAY), ("slide 38", 51.0), ("slide 38, at most", 100.0))
    return prior, claims
