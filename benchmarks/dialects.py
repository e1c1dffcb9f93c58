"""Generated dialects: every delimited file is read identically, or refused in words; none is read differently."""

import itertools
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pandas as pd

from thalweg.base.errors import ThalwegError
from thalweg.data.problem import pose

DELIMITERS = (",", ";", "\t", "|")
DECIMALS = (".", ",")
QUOTES = ("needed", "all", "single", "backslash")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1250")
HEADERS = ("names", "comment", "title", "none")
NUMBERS = [round(0.25 * ((n * 37) % 113) - 9, 2) for n in range(60)]
TOWNS = ["Zürich", "Bern, alt", "Genève", 'the "Au"', "Łódź", "Chur; neu", "Wien"]


def towns(encoding):
    """The towns that an encoding can write."""
    return [
        town
        for town in TOWNS
        if not encoding.startswith("cp") or town.encode(encoding, "ignore").decode(encoding) == town
    ]


def cell(value, delimiter, decimal, quote):
    text = str(value).replace(".", decimal) if isinstance(value, float) else str(value)
    sign = "'" if quote == "single" else '"'
    if quote in {"all", "single"} or any(mark in text for mark in (delimiter, '"', "'", "\n")):
        text = text.replace('"', '\\"') if quote == "backslash" else text.replace(sign, 2 * sign)
        return f"{sign}{text}{sign}"
    return text


def written(path, delimiter, decimal, quote, encoding, header):
    names = towns(encoding)
    rows = [(NUMBERS[n], names[n % len(names)], n % 7, float(NUMBERS[-n - 1])) for n in range(60)]
    lines = {"comment": ["# made on Monday"], "title": ["Report of sales", ""]}.get(header, [])
    if header != "none":
        lines = [
            *lines,
            delimiter.join(cell(name, delimiter, decimal, quote) for name in ("price", "town", "kind", "y")),
        ]
    lines += [delimiter.join(cell(value, delimiter, decimal, quote) for value in row) for row in rows]
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return pd.DataFrame(rows, columns=["price", "town", "kind", "y"])


def outcome(path, truth):
    """``read``, ``refused`` or ``different``."""
    try:
        found = pose(str(path), target="y", task="regression")
    except ThalwegError as error:
        return "refused", str(error)
    same = (
        found.features["price"].tolist() == truth["price"].tolist()
        and found.features["town"].astype(object).tolist() == truth["town"].tolist()
        and found.features["kind"].tolist() == truth["kind"].tolist()
        and found.outcome.tolist() == truth["y"].tolist()
        and list(found.features) == ["price", "town", "kind"]
    )
    return ("read" if same else "different"), ""


def main():
    every = list(itertools.product(DELIMITERS, DECIMALS, QUOTES, ENCODINGS, HEADERS))
    chosen = every if "--all" in sys.argv else random.Random(0).sample(every, 100)  # noqa: S311 - a choice, no secret
    counts, reasons = Counter(), Counter()
    with tempfile.TemporaryDirectory() as folder:
        for dialect in chosen:
            path = Path(folder) / "t.csv"
            found, reason = outcome(path, written(path, *dialect))
            counts[found] += 1
            if found == "different":
                print("different:", dialect)
            if found == "refused":
                reasons[reason.replace(str(path), "t.csv").split(":")[0][:75]] += 1
    print(dict(counts))
    for reason, count in reasons.most_common():
        print(f"{count:4d}  {reason}")


if __name__ == "__main__":
    main()
