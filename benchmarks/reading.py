"""Reading a table of a million rows: time and peak memory beside pandas and DuckDB.

    python benchmarks/reading.py [rows] > benchmarks/results/reading.md

Twenty columns: eight numbers with decimals, four whole numbers, four short texts, two dates, two truth values, as CSV
and as Parquet. Each reader has a process of its own; the time is that of the call, the memory the most the process
held beyond what it held before. "read" ends with a frame in memory, "posed" with every column in canonical form,
checked, with remarks: what `thalweg fit` does before it trains.
"""

import json
import platform
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from tables import markdown

READERS = {
    "pandas": "import pandas as pd; frame = pd.read_{kind}(path)",
    "DuckDB to pandas": "import duckdb; frame = duckdb.connect().execute('select * from ' + repr(path)).df()",
    "thalweg, read": "from thalweg.data.reading.table import read_table; frame = read_table(path).frame",
    "thalweg, posed": "from thalweg.data.problem import pose; frame = pose(path, target='n0').features",
}
IMPORTS = {
    "pandas": "import pandas, pyarrow.parquet",
    "DuckDB to pandas": "import duckdb, pandas",
    "thalweg, read": "from thalweg.data.reading.table import read_table",
    "thalweg, posed": "from thalweg.data.problem import pose; import sklearn.model_selection",
}


def write(folder: Path, rows: int) -> None:
    """Write the table twice, by DuckDB, which needs no memory for it."""
    import duckdb

    numbers = ", ".join(f"round((hash(i * 31 + {k}) % 1000000) / 997.0, 4) as n{k}" for k in range(8))
    whole = ", ".join(f"(hash(i * 17 + {k}) % {10 ** (k + 2)})::int as w{k}" for k in range(4))
    texts = ", ".join(f"'level ' || (hash(i * 13 + {k}) % {5 * 4**k})::int as t{k}" for k in range(4))
    dates = ", ".join(f"date '2000-01-01' + (hash(i * 11 + {k}) % 9000)::int as d{k}" for k in range(2))
    truth = ", ".join(f"hash(i * 7 + {k}) % 3 = 0 as b{k}" for k in range(2))
    select = f"select {numbers}, {whole}, {texts}, {dates}, {truth} from range({rows}) t(i)"  # noqa: S608 - our own
    connection = duckdb.connect()
    connection.execute(f"copy ({select}) to '{folder}/t.csv' (header)")
    connection.execute(f"copy ({select}) to '{folder}/t.parquet'")


def measured(reader: str, path: Path) -> dict[str, float]:
    """Return seconds and MiB of one call in a process of its own."""
    kind = path.suffix[1:]
    call = READERS[reader].format(kind=kind)
    program = (
        f"{IMPORTS[reader]}\nimport json, resource, time\npath = {str(path)!r}\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "started, used = time.perf_counter(), time.process_time()\n"
        f"{call}\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "took = time.perf_counter() - started, time.process_time() - used\n"
        "print(json.dumps([*took, (after - before) / 1024, len(frame)]))"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    seconds, cpu, memory, rows = json.loads(out.stdout.splitlines()[-1])
    return {"seconds": seconds, "cpu": cpu, "MiB": memory, "rows": rows}


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    import duckdb
    import pandas as pd

    versions = f"Python {platform.python_version()}, pandas {pd.__version__}, DuckDB {duckdb.__version__}"
    print(f"# Reading {rows:,} rows of 20 columns\n\n{date.today()}, {platform.machine()}, {versions}\n")
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), rows)
        for ending in ("csv", "parquet"):
            path = Path(folder) / f"t.{ending}"
            lines = []
            for reader in READERS:
                found = measured(reader, path)
                assert found["rows"] == rows, (reader, found)
                lines.append([reader, f"{found['seconds']:.1f}", f"{found['cpu']:.1f}", f"{found['MiB']:,.0f}"])
            size = path.stat().st_size / 2**20
            print(
                markdown([f"{ending}, {size:.0f} MiB", "seconds", "of processor", "MiB at most"], lines) + "\n",
                flush=True,
            )


if __name__ == "__main__":
    main()
