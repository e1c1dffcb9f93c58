"""The engine against its peers: microseconds per step and member, all tools in one run, taking turns.

Every tool trains the same nets in a process of its own on the same cores. thalweg and its prototype are timed end to
end (table, start of workers, initial weights, shuffles, results); the peers warm: imported, compiled, pools started.
Tools take turns, at least three rounds; the table holds medians. A tool too slow for a whole epoch of all members
does fewer steps or members in its turn; times are per step and member either way.

    python benchmarks/engine.py --nets A --members 100 --peers sklearn,jax-pinned --seconds 0.5
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import machine
from peers import OURS, PEERS, PROTOTYPE
from peers.host import Host
from peers.net import NETS, Net
from tables import markdown, short

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("torch", "numpy", "scikit-learn", "jax")


@dataclass(frozen=True, slots=True)
class Cell:
    """One net, one number of members, all tools.

    Parameters
    ----------
    net, members
        Which.
    microseconds
        By tool, one value per round, of a step of one member.
    busy
        Cores busy with other work just before.
    """

    net: str
    members: int
    microseconds: dict[str, list[float]]
    busy: float

    def median(self, peer: str) -> float:
        """Return the median of a tool, NaN if it did not run."""
        return statistics.median(self.microseconds.get(peer) or [float("nan")])


def measure(net: Net, members: int, peers: Sequence[str], seconds: float, rounds: int) -> Cell:
    """Let all tools take turns."""
    fitting = [key for key in peers if PEERS[key].least <= members <= PEERS[key].most]
    found: dict[str, list[float]] = {key: [] for key in fitting}
    with ExitStack() as stack:
        hosts = {}
        for key in fitting:
            arguments = (net, members, machine.cores())
            hosts[key] = stack.enter_context(Host(PEERS[key].prepare, arguments, PEERS[key].environment))
        amounts = {key: _calibrated(key, host, seconds) for key, host in hosts.items()}
        busy = machine.busy_cores(0.5)
        for _ in range(rounds):
            for key, amount in amounts.items():
                if amount:
                    elapsed, steps = hosts[key].run(amount)
                    found[key].append(elapsed / steps * 1e6)
    return Cell(net.name, members, found, round(busy, 2))


def _calibrated(key: str, host: Host, seconds: float) -> int:
    """Return how much a tool does in some seconds; 0 if it failed. The first calls import, compile and warm up."""
    try:
        elapsed, _ = host.run(1)
        if elapsed < 5 * seconds:
            elapsed, _ = host.run(1)
        if elapsed < seconds / 4:
            amount = max(1, round(seconds / 4 / elapsed))
            elapsed = host.run(amount)[0] / amount
    except (EOFError, TimeoutError) as error:
        print(f"{PEERS[key].label}: left out after {type(error).__name__}", file=sys.stderr)
        return 0
    return max(1, round(seconds / elapsed))


def time_table(cells: Sequence[Cell], peers: Sequence[str]) -> str:
    """Return microseconds per step and member."""
    head = ["microseconds per step and member", *(f"{cell.net} K={cell.members}" for cell in cells)]
    rows = [[PEERS[key].label, *(short(cell.median(key)) for cell in cells)] for key in peers]
    return markdown(head, rows)


def ratio_table(cells: Sequence[Cell], peers: Sequence[str]) -> str:
    """Return the peers' times as multiples of ours."""
    head = ["times as long as thalweg", *(f"{cell.net} K={cell.members}" for cell in cells)]
    others = [key for key in peers if key != OURS]
    return markdown(
        head, [[PEERS[key].label, *(short(cell.median(key) / cell.median(OURS)) for cell in cells)] for key in others]
    )


def roofline_table(cells: Sequence[Cell]) -> tuple[str, dict[str, Any]]:
    """Return ours as a share of the least time the cores allow."""
    import numpy as np

    from roofline import roofline
    from thalweg.loss.softmax import Softmax
    from thalweg.loss.squared import Squared
    from thalweg.net.spec import mlp
    from thalweg.train.population import Member, crowd_of, training_table
    from thalweg.train.slots import choose_slots

    most = {cell.net: cell for cell in cells if cell.members >= 2 * machine.cores()}
    rows, records = [], {}
    for name, cell in most.items():
        net = NETS[name]
        table = training_table(np.zeros((net.batch, net.inputs)), np.zeros((net.batch, net.outputs)))
        loss = Softmax() if net.loss == "softmax" else Squared()
        crowd = crowd_of(Member(mlp(net.hidden), loss, np.arange(net.batch), batch=net.batch), table)
        slots = choose_slots(crowd, table.rows.dtype, cell.members, machine.cores())
        found, ours = roofline(net, slots, machine.cores()), cell.median(OURS)
        records[name] = {"slots": slots, "members": cell.members, "ours": ours, **asdict(found)}
        shares = [f"{short(bound)} ({bound / ours:.0%})" for bound in (found.at_peak, found.at_own)]
        rates = [f"{found.peak:.0f}", f"{found.own:.0f}", f"{found.update:.2f}"]
        done = net.flops / ours * 1e-3 / machine.cores()
        rows.append([f"{name} K={cell.members}, {slots} slots", *rates, short(ours), f"{done:.0f}", *shares])
    head = [
        "roofline, per core",
        "best product here, GFLOP/s",
        "the net's own products, GFLOP/s",
        "Adam ns/parameter",
        "thalweg µs",
        "thalweg GFLOP/s",
        "bound at best product (share reached)",
        "bound at its own products (share reached)",
    ]
    return markdown(head, rows), records


def write(path: Path, facts: dict[str, Any], sections: Sequence[str], record: dict[str, Any]) -> None:
    """Write the report beside its numbers."""
    path.parent.mkdir(exist_ok=True)
    text = ["# The engine and its peers", "", *machine.as_lines(facts), "", *sections]
    path.with_suffix(".md").write_text("\n".join(text) + "\n")
    path.with_suffix(".json").write_text(json.dumps({"facts": facts, **record}, indent=1) + "\n")


def report(cells: Sequence[Cell], peers: Sequence[str], seconds: float, rounds: int) -> list[str]:
    """Return what stands above the tables, and the tables of peers."""
    nets = [f"- net {net.name}: {net}; {net.parameters:,} parameters" for net in NETS.values()]
    busy = max((cell.busy for cell in cells), default=0.0)
    turns = f"- {rounds} turns of about {seconds:g} s each, medians; at most {busy} cores busy with other work before"
    how = (__doc__ or "").split("\n\n")[1].replace("\n", " ")
    return [how, "", *nets, turns, "", time_table(cells, peers), "", ratio_table(cells, peers), ""]


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", default=",".join(NETS), help="of A to E (default: all)")
    parser.add_argument("--members", default="1,100,500", help="numbers of members K (default: %(default)s)")
    parser.add_argument("--peers", default=",".join(PEERS), help="(default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=0.7, help="of a turn (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of every tool (default: %(default)s)")
    parser.add_argument("--only-peers", action="store_true", help="no roofline, no situations")
    parser.add_argument("--out", type=Path, default=RESULTS / "engine", help="files to write, without suffix")
    chosen = parser.parse_args()
    peers = list(dict.fromkeys([OURS, *(key for key in chosen.peers.split(",") if key)]))
    for key in [key for key in peers if PEERS[key].missing()]:
        if key != PROTOTYPE:
            print(f"{PEERS[key].label}: left out, {PEERS[key].missing()}", file=sys.stderr)
        peers.remove(key)
    started, facts = time.perf_counter(), machine.describe(PACKAGES)
    print("\n".join(machine.as_lines(facts)), flush=True)
    cells = []
    for name in chosen.nets.split(","):
        for members in map(int, chosen.members.split(",")):
            cells.append(measure(NETS[name], members, peers, chosen.seconds, chosen.rounds))
            print(f"\n{time_table(cells[-1:], peers)}", flush=True)
    sections = report(cells, peers, chosen.seconds, chosen.rounds)
    record: dict[str, Any] = {"cells": [asdict(cell) for cell in cells]}
    if not chosen.only_peers:
        from situations import measure_situations

        text, record["roofline"] = roofline_table(cells)
        sections += [text, ""]
        text, record["situations"] = measure_situations(chosen.seconds, chosen.rounds)
        sections += [text, ""]
    print("\n" + "\n".join(sections))
    facts["minutes"] = round((time.perf_counter() - started) / 60, 1)
    write(chosen.out, facts, sections, record)
    print(f"{facts['minutes']} minutes; written to {chosen.out}.md and .json")


if __name__ == "__main__":
    main()
