"""``thalweg plan``, ``thalweg hardware`` and ``thalweg prices``: costs before they are paid."""

import argparse
from collections.abc import Sequence
from typing import Any

from thalweg.base.files import writable_place
from thalweg.cli.parsing import add_config, add_options, add_printing, given
from thalweg.cli.speaking import say, say_json
from thalweg.data.files.formats import file_names

_OPTIONS = (
    "state",
    "steps",
    "parameters",
    "tokens",
    "depth",
    "pictures",
    "epochs",
    "rate",
    "on",
    "precision",
    "region",
)
_NAMES = {name: f"--{name}" for name in _OPTIONS} | {"path": "--out"}
_DEVICES = "devices, such as h100-sxm or 8xh100-sxm@aws:spot; thalweg hardware lists them"


def add_plan(commands: Any) -> None:
    """Add the commands to what ``ArgumentParser.add_subparsers`` returned.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_plan(parser.add_subparsers())
    >>> parser.parse_args(["plan", "conv", "--depth", "18", "--on", "8xh100", "rtx4090"]).on
    ['8xh100', 'rtx4090']
    """
    text = "what work would take: time, money, energy"
    plan = commands.add_parser("plan", help=text, description=f"{text.capitalize()}.")
    plan.set_defaults(run=lambda _options, _words: _help(plan))
    kinds = plan.add_subparsers(dest="plan", metavar="WORK")
    table = kinds.add_parser("table", help="a comparison on a table, timed here", description="Plan a comparison.")
    table.set_defaults(run=_table)
    add_options(table, "fit", source=f"{file_names()} file, or example:NAME", leave=("out",))
    table.add_argument("--on", nargs="+", default=(), metavar="DEVICES", help=f"further devices: {_DEVICES}")
    add_config(table)
    add_printing(table)
    llm = _kind(kinds, "llm", "a transformer on tokens, by 6ND", _llm)
    llm.add_argument("--parameters", type=float, required=True, help="N, such as 175e9")
    llm.add_argument("--tokens", type=float, required=True, help="D over all epochs, such as 300e9")
    llm.add_argument("--recomputed", action="store_true", help="activations are computed twice: 8ND")
    conv = _kind(kinds, "conv", "a residual network on pictures, layer by layer", _conv)
    conv.add_argument("--depth", type=int, default=50, help="18, 34, 50, 101 or 152 (50)")
    conv.add_argument("--pictures", type=float, help="of an epoch (ImageNet's 1,281,167)")
    conv.add_argument("--epochs", type=float, default=90, help="how often each is seen (90)")
    flops = _kind(kinds, "flops", "work of which the number of operations is known", _flops)
    flops.add_argument("--operations", type=float, required=True, help="in all, such as 3.15e23")
    flops.set_defaults(names=_NAMES | {"flops": "--operations"})
    module = _kind(kinds, "module", "a torch module of yours, counted", _module)
    module.add_argument(
        "module", metavar="PACKAGE:NAME", help="a module, or a function without arguments that builds one"
    )
    module.add_argument(
        "--input", nargs="+", type=int, required=True, metavar="SIZE", help="of a batch: rows, columns, …"
    )
    module.add_argument("--steps", type=float, required=True, help="of training: epochs times batches")
    audit = kinds.add_parser("audit", help="forecasts of runs beside what happened", description="Look back on runs.")
    audit.add_argument("runs", nargs="+", metavar="RUN", help="folders of comparisons")
    audit.add_argument("--out", metavar="FILE", help="write it as an HTML page")
    audit.set_defaults(run=_audit, names=_NAMES)
    add_printing(audit)
    deck = kinds.add_parser("deck", help="a lecture's slides on costs, recomputed")
    deck.set_defaults(run=_deck)
    add_printing(deck)
    calibrate = commands.add_parser("calibrate", help="measure in two seconds what training costs on this machine")
    calibrate.set_defaults(run=_calibrate)
    add_printing(calibrate)
    _catalogue(commands, "hardware", "devices of the catalogue", _hardware)
    _catalogue(commands, "prices", "prices of the catalogue, with kind, region and age", _prices)


def _kind(kinds: Any, name: str, text: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = kinds.add_parser(name, help=text, description=f"Plan {text}.")
    parser.set_defaults(run=run, names=_NAMES)
    parser.add_argument("--on", nargs="+", required=True, metavar="DEVICES", help=_DEVICES)
    parser.add_argument("--precision", default="bf16", help="fp32, tf32, bf16 or fp8 (bf16)")
    parser.add_argument("--rate", type=float, help="operations per second that each device reaches (published ones)")
    parser.add_argument("--region", default="world", help="of the electricity, such as USA (world)")
    parser.add_argument("--out", metavar="FILE", help="write the plan as an HTML page")
    add_printing(parser)
    return parser


def _catalogue(commands: Any, name: str, text: str, run: Any) -> None:
    parser = commands.add_parser(name, help=text, description=f"{text.capitalize()}.")
    parser.add_argument("device", nargs="?", help="one of them (all)")
    parser.set_defaults(run=run)


def _help(parser: argparse.ArgumentParser) -> int:
    say(parser.format_help().rstrip())
    return 0


def _table(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    asked = given(options, "fit")
    asked.pop("out", None)
    from thalweg.jobs.plan import plan

    return _show(plan(asked.pop("source", None), on=options.on, **asked), options)


def _llm(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.jobs.plan import plan

    asked = _common(options) | {"recomputed": options.recomputed}
    return _show(plan.transformer(options.parameters, options.tokens, **asked), options)


def _conv(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.jobs.plan import IMAGENET, plan

    pictures = IMAGENET if options.pictures is None else options.pictures
    asked = _common(options) | {"pictures": pictures, "epochs": options.epochs}
    return _show(plan.conv(options.depth, **asked), options)


def _flops(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.jobs.plan import plan

    return _show(plan.flops(options.operations, **_common(options)), options)


def _deck(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.jobs.plan import plan

    return _show(plan.deck(), options)


def _module(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    import torch

    from thalweg.base.checks import check_count
    from thalweg.jobs.plan import plan
    from thalweg.jobs.planned.module import named_module

    sizes = [check_count("--input", size) for size in options.input]
    sample = torch.empty(*sizes, device="meta" if "this" not in options.on else "cpu")
    found = plan.module(named_module(options.module), sample, steps=options.steps, **_common(options))
    return _show(found, options)


def _audit(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.jobs.plan import plan

    return _show(plan.audit(*options.runs), options)


def _calibrate(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.jobs.plan import plan

    return _show(plan.calibrate(), options)


def _common(options: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(options, name) for name in ("on", "precision", "rate", "region")}


def _show(found: Any, options: argparse.Namespace) -> int:
    place = None if getattr(options, "out", None) is None else writable_place("path", options.out)
    if options.json:
        say_json(found.to_dict())
    else:
        say(found.sentence if options.quiet else found.text())
    if place is not None:
        found.report(place)
        if not options.json and not options.quiet:
            say(f"\nReport: {place}")
    return 0


def _hardware(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.planning.catalogue.devices import devices, find_device
    from thalweg.report.drawing.text import to_text
    from thalweg.report.planning.blocks import device_blocks

    say(to_text(device_blocks(devices() if options.device is None else (find_device(options.device),))))
    return 0


def _prices(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from datetime import date

    from thalweg.planning.catalogue.devices import find_device
    from thalweg.planning.catalogue.prices import prices
    from thalweg.report.drawing.text import to_text
    from thalweg.report.planning.blocks import price_blocks

    wanted = None if options.device is None else find_device(options.device).name
    found = tuple(price for price in prices() if wanted in {None, price.device})
    say(to_text(price_blocks(found, date.today())))
    return 0
