"""Tables as people have them: each is read as it is meant, or refused in words; none is read as something else.

    python benchmarks/messy_tables.py > benchmarks/results/messy_tables.md

Every table says what its columns mean. "read" is so read, "refused" is an error of ours that says the word expected of
it, "wrong" is everything else: another value, a row lost without a note, an exception of another library.
"""

import json
import platform
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tables import markdown
from thalweg.base.errors import ThalwegError
from thalweg.data.kinds import kind_of
from thalweg.data.problem import Problem, pose

ROWS = 60
DRAW = np.random.default_rng(0)
X = np.round(DRAW.normal(size=ROWS), 2)
Y = np.round(X + DRAW.normal(size=ROWS), 3)
N = np.arange(ROWS)
REGION = np.array(["north", "south", "east"])[N % 3]


@dataclass(frozen=True)
class Messy:
    """A table, how it is written, and what it means.

    Parameters
    ----------
    name
        What is messy about it.
    content
        Bytes of a file, or an object in memory.
    ending
        Of the file.
    numbers
        Columns that are these numbers, when read.
    levels
        Columns that are these texts, when read.
    dates
        Columns that are dates.
    rows
        How many there are.
    refused
        A word of the error that is as good as reading it; None if it must be read.
    note
        A word that the notes must hold.
    without
        Columns that must not be numbers.
    """

    name: str
    content: Any
    ending: str = "csv"
    numbers: Mapping[str, Any] = field(default_factory=dict)
    levels: Mapping[str, Any] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    rows: int = ROWS
    refused: str | None = None
    note: str = ""
    without: tuple[str, ...] = ()
    target: str = "y"


def csv(
    columns: Mapping[str, Any], *, delimiter: str = ",", encoding: str = "utf-8", head: str = "", foot: str = ""
) -> bytes:
    """Return columns as a file, texts as they are."""
    lines = [delimiter.join(columns)]
    lines += [delimiter.join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    return (head + "\n".join(lines) + "\n" + foot).encode(encoding)


def texts(write: Callable[[int], str]) -> list[str]:
    return [write(int(n)) for n in N]


def column(name: str, write: Callable[[int], str], **meant: Any) -> Messy:
    """Return a table whose column ``v`` is written so."""
    cells = texts(write)
    quoted = [f'"{cell}"' if "," in cell or '"' in cell else cell for cell in cells]
    return Messy(name, csv({"v": quoted, "x": X, "y": Y}), **meant)


V = N * 37.5 - 400


def grouped(n: float, sign: str, point: str = ".") -> str:
    return f"{n:,.2f}".replace(",", "\0").replace(".", point).replace("\0", sign)


def indian(n: float) -> str:
    whole, _, rest = f"{n:.2f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    parts = []
    while len(head) > 2:
        parts.insert(0, head[-2:])
        head = head[:-2]
    return ",".join(filter(None, [head, *parts, tail])) + "." + rest


BIG = (N + 1) * 123456.25
COLUMNS = [
    column("unit kg", lambda n: f"{n} kg", numbers={"v": N}, note="kg"),
    column("unit without a space", lambda n: f"{n}cm", numbers={"v": N}, note="cm"),
    column("unit per", lambda n: f"{n} km/h", numbers={"v": N}, refused="v"),
    column("two units", lambda n: f"{n} {'kg' if n % 2 else 'g'}", refused="unit"),
    column("thousands and millions as letters", lambda n: f"{n + 1}.5{'k' if n % 2 else 'M'}", refused="letter"),
    column("percent with a space", lambda n: f"{n} %", numbers={"v": N}, note="%"),
    column("percent with a decimal comma", lambda n: f"{n},5 %", numbers={"v": N + 0.5}, note="%"),
    column("Swiss apostrophes", lambda n: grouped(BIG[n], "'"), numbers={"v": BIG}, note="v"),
    column("typographic apostrophes", lambda n: grouped(BIG[n], "’"), numbers={"v": BIG}, note="v"),
    column("Indian lakhs", lambda n: indian(BIG[n]), numbers={"v": BIG}, refused="v"),
    column("rupees", lambda n: "₹" + indian(BIG[n]), numbers={"v": BIG}, refused="v"),
    column("Rs. in front", lambda n: "Rs. " + f"{BIG[n]:,.2f}", numbers={"v": BIG}, refused="v", without=()),
    column("brackets for negatives", lambda n: f"({-V[n]:,.2f})" if V[n] < 0 else f"{V[n]:,.2f}", numbers={"v": V}),
    column("minus behind", lambda n: f"{-V[n]:,.2f}-" if V[n] < 0 else f"{V[n]:,.2f}", numbers={"v": V}, refused="v"),
    column("typographic minus", lambda n: f"{V[n]:.2f}".replace("-", "−"), numbers={"v": V}),
    column("narrow spaces", lambda n: grouped(BIG[n], " "), numbers={"v": BIG}),
    column("spaces and decimal comma", lambda n: grouped(BIG[n], " ", ","), numbers={"v": BIG}),
    column("points and decimal comma", lambda n: grouped(BIG[n], ".", ","), numbers={"v": BIG}),
    column("currency code behind", lambda n: f"{V[n]:.2f} EUR", numbers={"v": V}),
    column("currency in front, negative", lambda n: f"-${-V[n]:.2f}" if V[n] < 0 else f"${V[n]:.2f}", numbers={"v": V}),
    column("exponents", lambda n: f"{V[n]:.5E}", numbers={"v": V}),
    column("exponents with comma", lambda n: f"{V[n]:.5E}".replace(".", ","), refused="v", numbers={"v": V}),
    column("hexadecimal", lambda n: hex(n + 16), without=("v",)),
    column("fractions", lambda n: f"{n % 7 + 1}/8", without=("v",)),
    column("ranges", lambda n: f"{10 * (n % 6)}-{10 * (n % 6) + 9}", without=("v",)),
    column("below a limit", lambda n: "<0.5" if n % 5 == 0 else f"{n / 4}", refused="limits"),
    column("about", lambda n: f"~{n}", without=("v",)),
    column("feet and inches", lambda n: f"{4 + n % 3}'{n % 12}''", without=("v",)),
    column("phone numbers", lambda n: f"+41 44 {100 + n} {10 + n % 80}", without=("v",)),
    column("postcodes", lambda n: f"{n * 170:05d}", without=("v",)),
    column("version numbers", lambda n: f"1.{n % 12}.{n % 3}", without=("v",)),
    column("IP addresses", lambda n: f"10.0.{n}.{n % 7}", without=("v",)),
    column("times of day", lambda n: f"{n % 24:02d}:{n % 60:02d}", refused="times or durations"),
    column("durations in hours", lambda n: f"{n:02d}:30:00", refused="times or durations"),
    column("ISO durations", lambda n: f"PT{n}H30M", without=("v",)),
    column("coordinates", lambda n: f"47.{n:02d},8.{n:02d}", without=("v",)),
    column("ISO dates", lambda n: f"2020-{n % 12 + 1:02d}-{n % 28 + 1:02d}", dates=("v",)),
    column("German dates", lambda n: f"{n % 28 + 1:02d}.{n % 12 + 1:02d}.2020", dates=("v",)),
    column("American dates", lambda n: f"{n % 12 + 1}/{n % 28 + 1}/2020", dates=("v",)),
    column(
        "dates that may be either", lambda n: f"{n % 12 + 1:02d}/{n % 11 + 1:02d}/2020", refused="v", without=("v",)
    ),
    column("dates with zones", lambda n: f"2020-01-{n % 28 + 1:02d}T12:00:00+0{n % 3}:00", dates=("v",)),
    column("dates in UTC", lambda n: f"2020-01-{n % 28 + 1:02d}T12:00:00Z", dates=("v",)),
    column("dates in words", lambda n: f"Jan {n % 28 + 1}, 2020", refused="v", dates=("v",)),
    column("months", lambda n: f"20{10 + n // 12}-{n % 12 + 1:02d}", dates=("v",), note="dates"),
    column("quarters", lambda n: f"20{10 + n // 4}Q{n % 4 + 1}", without=("v",)),
    column("yes and no", lambda n: "yes" if n % 2 else "no"),
    column("truth in capitals", lambda n: ("TRUE", "False", "true")[n % 3], without=()),
    column(
        "missing in many ways",
        lambda n: ("NA", "n/a", "", "NULL", "-")[n % 5] if n < 20 else f"{n}",
        note="missing",
        numbers={"v": np.where(N < 20, np.nan, N)},
    ),
    column(
        "unknown is a level",
        lambda n: ("unknown", "a", "b")[n % 3],
        levels={"v": [("unknown", "a", "b")[n % 3] for n in N]},
    ),
    column("one word among numbers", lambda n: "sick" if n == 30 else f"{n}", without=("v",), refused="v"),
    column(
        "a question mark", lambda n: "?" if n % 9 == 0 else f"{n}", numbers={"v": np.where(N % 9, N, np.nan)}, note="?"
    ),
    column("quoted numbers", lambda n: f'"{n}"'.replace('"', ""), numbers={"v": N}),
    column("numbers beyond 2^53", lambda n: str(2**53 + n), without=("v",)),
    column("leading plus", lambda n: f"+{n}", numbers={"v": N}, refused="v"),
    column("protected by Excel", lambda n: f'=""{n:05d}""', without=("v",)),
    column("letters that look alike", lambda n: ("１２", "３４")[n % 2], without=(), refused="v"),
    column("emoji", lambda n: ("👍", "👎")[n % 2], levels={"v": [("👍", "👎")[n % 2] for n in N]}),
    column("spaces around levels", lambda n: (" a", "a ", "b")[n % 3]),
]

PLAIN = {"region": REGION, "x": X, "y": Y}
MEANT: dict[str, Any] = {"numbers": {"x": X}, "levels": {"region": REGION}}


def with_lines(*lines: tuple[int, str]) -> bytes:
    found = csv(PLAIN).decode().splitlines()
    for place, line in lines:
        found.insert(place, line)
    return ("\n".join(found) + "\n").encode()


def total(word: str) -> str:
    return f"{word},{X.sum():.2f},{Y.sum():.3f}\n"


HEADERS = [
    Messy(
        "errors of Excel in the first column",
        csv({"a": ["#DIV/0!" if n % 30 == 0 else n for n in N], "x": X, "y": Y}),
        numbers={"a": np.where(N % 30, N, np.nan)},
        refused="#DIV/0!",
    ),
    Messy("two exports in one file", csv(PLAIN) + csv(PLAIN | {"z": X}), refused="line"),
    Messy("the header again", with_lines((31, "region,x,y")), **MEANT, refused="header", note="header"),
    Messy("a row of units below the header", with_lines((1, "-,kg,cm")), refused="row", without=()),
    Messy(
        "a total below", csv(PLAIN, foot=f"total,{X.sum():.2f},{Y.sum():.3f}\n"), rows=ROWS + 1, note="holds the sums"
    ),
    Messy(
        "a total in German",
        csv(PLAIN, foot=f"Summe,{X.sum():.2f},{Y.sum():.3f}\n"),
        rows=ROWS + 1,
        note="holds the sums",
    ),
    Messy(
        "a mean below",
        csv(PLAIN, foot=f"average,{X.mean():.4f},{Y.mean():.4f}\n"),
        rows=ROWS + 1,
        note="holds the means",
    ),
    Messy("a source below", csv(PLAIN, foot="Source: statistics office\n"), **MEANT, refused="line"),
    Messy("a title above", csv(PLAIN, head="Sales of 2020\n\n"), **MEANT, note="above the header"),
    Messy("comments above", csv(PLAIN, head="# made on Monday\n# by hand\n"), **MEANT, note="above the header"),
    Messy("sep= of Excel", csv(PLAIN, delimiter=";", head="sep=;\n"), **MEANT),
    Messy("empty lines between", with_lines((20, ""), (40, "")), **MEANT),
    Messy("a comma behind every row", csv(PLAIN).replace(b"\n", b",\n"), **MEANT, refused="line"),
    Messy("a column without a name", csv({"": N, **PLAIN}), **MEANT, note="row"),
    Messy(
        "two columns of one name", csv({"x": X, "x ": X, "y": Y}).replace(b"x ,", b"x,"), refused="x", numbers={"x": X}
    ),
    Messy("names that differ in capitals", csv({"X": N, "x": X, "y": Y}), numbers={"x": X, "X": N}),
    Messy("spaces around names", csv({" x ": X, " y ": Y}), target=" y ", refused="y"),
    Messy("a name of two lines", csv({'"net\nprice"': X, "y": Y}), numbers={"net\nprice": X}),
    Messy("numbers as names", csv({"2019": X, "2020": N, "y": Y}), numbers={"2019": X}, refused="header"),
    Messy(
        "row names of R",
        b"region,x,y\n" + b"\n".join(csv({"": N + 1, **PLAIN}).splitlines()[1:]) + b"\n",
        refused="names of rows",
    ),
    Messy("one value too many", with_lines((31, "north,1,2,3")), refused="line 32"),
    Messy("one value too few", with_lines((31, "north,1")), refused="line 32"),
    Messy("a quote that never ends", with_lines((31, 'north,"1,2')), refused="line"),
    Messy(
        "line ends of all kinds",
        csv(PLAIN).replace(b"\n", b"\r\n", 20).replace(b"\nsouth", b"\rsouth"),
        **MEANT,
        refused="line",
    ),
    Messy("no line end at the end", csv(PLAIN)[:-1], **MEANT),
    Messy(
        "semicolons and decimal commas",
        csv(
            {"region": REGION, "x": [f"{v}".replace(".", ",") for v in X], "y": [f"{v}".replace(".", ",") for v in Y]},
            delimiter=";",
        ),
        **MEANT,
    ),
    Messy("tabs", csv(PLAIN, delimiter="\t"), **MEANT),
    Messy("carets", csv(PLAIN, delimiter="^"), refused="separator"),
    Messy("several spaces", csv(PLAIN, delimiter="   "), refused="several spaces"),
    Messy(
        "a quoted comma",
        csv(PLAIN | {"region": [f'"{r}, far"' for r in REGION]}),
        levels={"region": [f"{r}, far" for r in REGION]},
    ),
    Messy(
        "a quoted line end",
        csv(PLAIN | {"region": [f'"{r}\nfar"' for r in REGION]}),
        levels={"region": [f"{r}\nfar" for r in REGION]},
    ),
    Messy(
        "Windows-1252",
        csv(PLAIN | {"region": np.array(["Zürich – 3 €", "Genève", "x"])[N % 3]}, encoding="cp1252"),
        refused="encoding",
    ),
    Messy("UTF-16 without a mark", csv(PLAIN, encoding="utf-16-le"), **MEANT),
    Messy(
        "UTF-8 with a broken letter",
        csv(PLAIN | {"region": np.array(["Zürich", "Bern", "Genf"])[N % 3]}).replace("ü".encode(), b"\xc3", 1),
        refused="UTF-8",
    ),
    Messy(
        "a mark in the middle",
        csv(PLAIN)[:-1] + b"\n" + csv(PLAIN, encoding="utf-8-sig"),
        refused="header",
        note="header",
        rows=2 * ROWS,
    ),
    Messy("an Excel file called csv", b"PK\x03\x04" + bytes(200), refused="Excel"),
    Messy("a page in place of a table", b"<!DOCTYPE html><html><body>Not found</body></html>\n", refused="web page"),
    Messy("nothing", b"", refused="empty"),
    Messy("a header alone", b"region,x,y\n", refused="row"),
    Messy("a NUL", csv(PLAIN).replace(b"north", b"nor\x00th", 1), refused="line"),
    Messy("Ctrl-Z at the end", csv(PLAIN) + b"\x1a", **MEANT, refused="line"),
]


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


FRAME = pd.DataFrame({"region": REGION, "x": X, "y": Y})
LISTS = {name: FRAME[name].tolist() for name in FRAME}
JSONS = [
    *[
        Messy(f"pandas' orient={orient}", FRAME.to_json(orient=orient).encode(), "json", **MEANT)
        for orient in ("records", "columns", "index", "split", "table")
    ],
    Messy("pandas' orient=values", FRAME.to_json(orient="values").encode(), "json", refused="names"),
    Messy("records in lines", FRAME.to_json(orient="records", lines=True).encode(), "json", **MEANT),
    Messy("lists by column", as_json(LISTS), "json", **MEANT),
    Messy(
        "records in an envelope",
        as_json({"meta": {"n": 60}, "data": FRAME.to_dict("records")}),
        "json",
        **MEANT,
        refused="data",
    ),
    Messy(
        "records of different keys",
        as_json([{k: v for k, v in r.items() if k != "x" or n % 2} for n, r in enumerate(FRAME.to_dict("records"))]),
        "json",
        numbers={"x": np.where(N % 2, X, np.nan)},
    ),
    Messy(
        "records inside records",
        as_json([{"y": r["y"], "at": {"x": r["x"]}} for r in FRAME.to_dict("records")]),
        "json",
        refused="at",
    ),
    Messy("lists inside records", as_json([{**r, "v": [1, 2]} for r in FRAME.to_dict("records")]), "json", refused="v"),
    Messy(
        "NaN in JSON",
        as_json([{**r, "x": float("nan")} if n == 3 else r for n, r in enumerate(FRAME.to_dict("records"))]),
        "json",
        numbers={"x": np.where(N == 3, np.nan, X)},
        refused="NaN",
    ),
    Messy("JSON cut off", FRAME.to_json(orient="records").encode()[:-40], "json", refused="JSON"),
]


def memory() -> list[Messy]:
    """Return tables of pandas, polars and Arrow."""
    import polars as pl
    import pyarrow as pa

    declared = pd.Categorical(
        np.array(["good", "fair", "poor"])[N % 3], categories=["poor", "fair", "good"], ordered=True
    )
    order = {"levels": {"v": list(map(str, declared))}}
    base = {"x": X, "y": Y}
    codes = pd.Series(["poor", "fair", "good"], dtype="object")

    def frame(v: Any, **named: Any) -> pd.DataFrame:
        return pd.DataFrame({"v": v, **base}, **named)

    return [
        Messy("pandas: declared order", frame(declared), **order),
        Messy(
            "polars: Enum",
            pl.DataFrame({"v": pl.Series(list(map(str, declared)), dtype=pl.Enum(codes.tolist())), **base}),
            **order,
        ),
        Messy(
            "Arrow: ordered dictionary",
            pa.table(
                {"v": pa.DictionaryArray.from_arrays(pa.array(declared.codes), pa.array(codes), ordered=True), **base}
            ),
            **order,
        ),
        Messy("pandas: index with a name", FRAME.set_index("region"), numbers={"x": X}),
        Messy("pandas: shuffled index", FRAME.sample(frac=1.0, random_state=0).sort_index(), **MEANT),
        Messy("pandas: index of many levels", FRAME.set_index(["region", pd.RangeIndex(ROWS)]), numbers={"x": X}),
        Messy(
            "pandas: names of many levels",
            pd.concat({"a": FRAME[["x"]], "b": FRAME[["y"]]}, axis=1),
            refused="names",
            target="('b', 'y')",
            numbers={"('a', 'x')": X},
        ),
        Messy("pandas: two columns of one name", pd.concat([FRAME, FRAME[["x"]]], axis=1), refused="x"),
        Messy("pandas: numbers as names", pd.DataFrame({0: X, 1: Y}), numbers={"0": X}, target="1"),
        Messy(
            "pandas: Int64 with gaps",
            frame(pd.array([None if n % 7 == 0 else int(n) for n in N], dtype="Int64")),
            numbers={"v": np.where(N % 7, N, np.nan)},
        ),
        Messy(
            "pandas: boolean with gaps",
            frame(pd.array([None if n % 7 == 0 else bool(n % 2) for n in N], dtype="boolean")),
        ),
        Messy(
            "pandas: numbers and texts", frame([n if n % 2 else f"{n}" for n in N.tolist()]), refused="v", without=()
        ),
        Messy(
            "pandas: dates with zone",
            frame(pd.date_range("2020-01-01", periods=ROWS, tz="Europe/Zurich")),
            dates=("v",),
        ),
        Messy("pandas: periods", frame(pd.period_range("2020-01", periods=ROWS, freq="M")), dates=("v",), refused="v"),
        Messy("pandas: intervals", frame(pd.cut(X, 4))),
        Messy("pandas: durations", frame(pd.to_timedelta(N, "h")), numbers={"v": N * 3600.0}, note="seconds"),
        Messy("pandas: complex numbers", frame(X + 1j), refused="v"),
        Messy(
            "pandas: sparse",
            frame(pd.arrays.SparseArray(np.where(N % 9, 0.0, X))),
            numbers={"v": np.where(N % 9, 0.0, X)},
        ),
        Messy("pandas: decimals", frame([Decimal(f"{v}") for v in X]), numbers={"v": X}),
        Messy("pandas: lists", frame([[1, 2]] * ROWS), refused="v"),
        Messy("pandas: bytes", frame([b"a", b"b"] * 30), refused="v", without=()),
        Messy("pandas: Arrow strings", frame(pd.array(REGION, dtype="string[pyarrow]")), levels={"v": REGION}),
        Messy(
            "polars: durations",
            pl.DataFrame({"v": pl.Series(pd.to_timedelta(N, "h")), **base}),
            refused="v",
            numbers={"v": N * 3600.0},
        ),
        Messy("polars: structs", pl.DataFrame({"v": [{"a": 1}] * ROWS, **base}), refused="v"),
        Messy(
            "polars: decimals",
            pl.DataFrame({"v": pl.Series([f"{v}" for v in X]).cast(pl.Decimal(10, 2)), **base}),
            numbers={"v": X},
        ),
        Messy(
            "Arrow: dates",
            pa.table({"v": pa.array(pd.date_range("2020-01-01", periods=ROWS).date), **base}),
            dates=("v",),
        ),
        Messy("Arrow: nested", pa.table({"v": pa.array([[1]] * ROWS), **base}), refused="v"),
        Messy("integers beyond 2^53", frame(2**53 + N), without=("v",)),
        Messy(
            "numpy: a matrix of texts", np.column_stack([REGION, Y.astype(str)]), refused="", target="x2", without=()
        ),
        Messy("records", FRAME.to_dict("records"), **MEANT),
    ]


def told(problem: Problem) -> str:
    return " ".join(note.text for note in problem.notes)


def judged(messy: Messy, problem: Problem) -> Iterator[str]:
    """Give what is wrong with a table that was read; nothing if it is as it is meant."""
    features = problem.features
    if messy.rows not in {problem.rows_read, len(problem)}:
        yield f"{len(problem)} of {problem.rows_read} rows, {messy.rows} are meant"
    if messy.note not in told(problem):
        yield f"no note of {messy.note!r}"
    yield from (f"{name!r} is left out" for name in {*messy.numbers, *messy.levels} if name not in features)
    kinds = {name: kind_of(features[name]) for name in features}
    for name, meant in messy.numbers.items():
        if kinds.get(name) in {"numeric", "boolean"}:
            found = features[name].to_numpy(dtype=float, na_value=np.nan)
            if not np.allclose(found, np.asarray(meant, dtype=float), equal_nan=True, rtol=1e-9):
                yield f"{name!r} has other numbers"
        else:
            yield f"{name!r} is {kinds.get(name)}"
    for name, meant in messy.levels.items():
        if name in features and features[name].astype(object).tolist() != list(meant):
            yield f"{name!r} has other levels"
    yield from (f"{name!r} is no date" for name in messy.dates if kinds.get(name) != "date")
    yield from (f"{name!r} is a number" for name in messy.without if kinds.get(name) == "numeric")


def outcome(messy: Messy, folder: Path) -> tuple[str, str]:
    """Return "read", "refused" or "wrong", and what was said or is wrong."""
    source = messy.content
    if isinstance(source, bytes):
        source = folder / f"t.{messy.ending}"
        source.write_bytes(messy.content)
        source = str(source)
    try:
        problem = pose(source, target=messy.target, task="regression")
    except ThalwegError as error:
        if messy.refused is None:
            return "wrong", f"refused: {error}"
        return (
            ("refused", str(error))
            if messy.refused.lower() in str(error).lower()
            else ("wrong", f"refused in other words: {error}")
        )
    except Exception:  # noqa: BLE001 - whatever it is, it is wrong
        return "wrong", traceback.format_exc().splitlines()[-1]
    wrong = ", ".join(judged(messy, problem))
    return ("wrong", f"{wrong}; {told(problem)}") if wrong else ("read", "")


def main() -> None:
    counts: dict[str, Counter[str]] = {}
    faults, heard = [], []
    with tempfile.TemporaryDirectory() as folder:
        for part, tables in (("columns", COLUMNS), ("files", HEADERS), ("JSON", JSONS), ("memory", memory())):
            for messy in tables:
                found, why = outcome(messy, Path(folder))
                counts.setdefault(part, Counter())[found] += 1
                why = why.replace(folder, "…")
                if found == "wrong":
                    faults.append(f"* {messy.name}: {why}")
                if found == "refused":
                    heard.append(f"* {messy.name}: {why}")
    where = f"{platform.machine()}, Python {platform.python_version()}, pandas {pd.__version__}"
    print(f"# Messy tables\n\n{date.today()}, {where}\n")
    rows = [[part, *(str(c[name]) for name in ("read", "refused", "wrong"))] for part, c in counts.items()]
    total = sum(counts.values(), Counter())
    rows.append(["all", *(str(total[name]) for name in ("read", "refused", "wrong"))])
    print(markdown(["tables of", "read", "refused in words", "wrong"], rows))
    if faults:
        print("\n".join(["", "Wrong:", "", *faults]))
    if "--words" in sys.argv:
        print("\n".join(["", "Refused:", "", *heard]))


if __name__ == "__main__":
    main()
