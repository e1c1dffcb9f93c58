"""Run the code of all pages: every line of a shell block, every block of Python, in a folder with tables made for it.

Training is cut short (few epochs, folds and seeds), whatever the page says of its table. What cannot run here stands in
``LEFT_OUT`` with the reason. Usage: python docs/site/blocks.py [PAGE.md ...]
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import thalweg as tw
from thalweg.cli.main import main
from thalweg.estimators import NetClassifier, NetRegressor

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LEFT_OUT = {  # how a block or a line begins, and why it cannot run here
    "make ": "these are what continuous integration itself runs",
    "python -m pip ": "an environment of the reader's own",
    "thalweg fit yours.csv --target y --out runs/yours --cluster": "workers of a cluster",
    "from concurrent.futures import ProcessPoolExecutor": "a cluster, and a script that processes read again",
    "from dask_jobqueue": "a queue of jobs",
    "import os\n\nos.environ": "Keras; benchmarks/results/modules_of_others.md says what was run",
    "import torch\nfrom transformers": "Transformers; the same",
    "thalweg fit 'book.xlsx": "a workbook needs a writer; tests read one",
    "table = tw.regression_table": "a result of another package",
}
GIVEN = {  # what a page takes for granted: data of the reader's own
    "docs/explanation/linear.md": "import numpy as np\nX, y = rng.normal(size=(60, 2)), rng.integers(0, 2, 60)",
    "docs/how-to/plan.md": "import torch, thalweg as tw\nnet, sample = torch.nn.Linear(20, 1), torch.zeros(128, 20)",
    "docs/how-to/linear.md": "import thalweg as tw\nX, y = rng.normal(size=(60, 2)), rng.normal(size=60)",
}
SHORT = {
    "fit": {"epochs": 2, "folds": 3, "seeds": 2, "trees": 2, "workers": 1},
    "effects fit": {"epochs": 3, "folds": 2, "repeats": 1, "hidden": 4, "workers": 1},
    "effects observe": {"epochs": 2, "folds": 2, "workers": 1},
}


def tables():
    """Write the tables that pages speak of."""
    rng = np.random.default_rng(0)
    rows = 120
    base = pd.DataFrame({name: rng.normal(size=rows) for name in ("x1", "x2", "growth", "revenue", "y", "demand")})
    base = base.assign(
        **{name: np.exp(rng.normal(size=rows)) for name in ("wage", "price", "cost", "earnings")},
        **{name: rng.integers(8, 18, rows) for name in ("educ", "exper")},
        **{name: rng.integers(0, 2, rows) for name in ("trained", "vote")},
        region=rng.choice(["north", "south"], rows),
        patient=np.arange(rows) // 4,
        week=np.arange(rows),
        year=2018 + np.arange(rows) % 6,
        sample_weight=rng.uniform(1, 3, rows),
        id=np.arange(rows),
    )
    for name, columns in {
        "yours": ["y", "x1", "x2"],
        "new_rows": ["x1", "x2"],
        "firms": ["growth", "revenue", "wage", "educ", "exper", "region"],
        "new_firms": ["revenue", "wage", "educ", "exper", "region"],
        "jobs": ["earnings", "trained", "educ", "exper"],
        "visits": ["cost", "patient", "x1"],
        "sales": ["demand", "revenue", "week", "id", "region", "price", "year"],
        "survey": ["vote", "sample_weight", "x1", "x2"],
    }.items():
        base[columns].to_csv(f"{name}.csv", index=False)
    base[["price", "x1"]].to_csv("prices.csv", index=False, sep=";", decimal=",")
    base[["price", "region"]].replace("north", "Orléans").to_csv("villes.csv", index=False, encoding="cp1252")
    Path("sales").mkdir()
    base[["revenue", "year", "x1"]].to_parquet("sales/all.parquet")
    for folder, table in {
        "claims": base[["cost", "region"]].assign(age=base["educ"], policy=base["patient"]),
        "homes": base[["price"]].assign(rooms=base["educ"], area=base["wage"]),
    }.items():
        Path(folder).mkdir()
        table.to_parquet(f"{folder}/all.parquet")
    Path("firms.toml").write_text('source = "firms.csv"\ntarget = "growth"\n', encoding="utf-8")
    said("thalweg fit firms.csv --target growth --out runs/firms")
    said("thalweg fit example:iris --out runs/first")


def said(line):
    """Run one command, shortened, and return its exit code."""
    words = shlex.split(line.partition("  #")[0].replace(".venv/bin/", "").partition(" > ")[0])[1:]
    verb = " ".join(words[:2]) if words[:1] == ["effects"] else " ".join(words[:1])
    for name, value in SHORT.get(verb, {}).items():
        if f"--{name}" not in words:
            words += [f"--{name}", str(value)]
    with contextlib.redirect_stdout(io.StringIO()):
        return main(words)


def run_page(path):
    """Run a page and return what is wrong with it."""
    wrong, names = [], {"rng": np.random.default_rng(0), "__name__": path.stem}
    exec(GIVEN.get(path.relative_to(ROOT).as_posix(), ""), names)  # noqa: S102 - that is what it is for
    for kind, block in BLOCK.findall(path.read_text(encoding="utf-8")):
        if kind == "python" and ">>>" not in block:  # the others are run by the tests
            wrong += python_block(block, names)
        elif kind == "sh":
            lines = block.replace("\\\n", " ").strip().splitlines()
            wrong += [f"{line}: exit code {code}" for line in lines if (code := shell_line(line))]
    return wrong


def python_block(block, names):
    """Run a block of Python; return what it raised."""
    if block.startswith(tuple(LEFT_OUT)):
        return []
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(block, names)  # noqa: S102 - the same
    except Exception as error:  # noqa: BLE001 - whatever a page raises is what is asked
        return [f"{block.splitlines()[0]} …: {type(error).__name__}: {error}"]
    return []


def shell_line(line):
    """Run one line of a shell block; return its exit code, 0 for one that is left out."""
    return 0 if line.startswith(tuple(LEFT_OUT)) else said(line)


def shortened(job, settings):
    """Return a job with other defaults."""

    def call(*source, **asked):
        return job(*source, **{"watch": False, **settings, **asked})

    return call


def shorten():
    """Let jobs and estimators train little where a page does not say how much."""
    tw.fit = shortened(tw.fit, SHORT["fit"])
    tw.fit_effects = shortened(tw.fit_effects, SHORT["effects fit"] | {"hidden": [4]})
    tw.fit_observed = shortened(tw.fit_observed, SHORT["effects observe"])
    tw.run_study = shortened(tw.run_study, {"epochs": 2, "seeds": 2})
    for face in (NetRegressor, NetClassifier):
        face.__init__.__kwdefaults__.update(epochs=2, workers=1)


def run_all(paths):
    """Run pages, each in a folder of its own, and return the exit code."""
    warnings.simplefilter("ignore")
    shorten()
    failed = 0
    with tempfile.TemporaryDirectory() as prepared:
        with contextlib.chdir(prepared):
            tables()
        for path in paths:
            began = time.perf_counter()
            with tempfile.TemporaryDirectory() as folder:
                shutil.copytree(prepared, folder, dirs_exist_ok=True)
                with contextlib.chdir(folder):
                    wrong = run_page(path)
            failed += len(wrong)
            sys.stdout.write(f"{path.relative_to(ROOT)}: {time.perf_counter() - began:.1f} s\n")
            sys.stdout.writelines(f"  {one}\n" for one in wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ.setdefault("COLUMNS", "100")
    asked = [Path(name).resolve() for name in sys.argv[1:]]
    found = asked or [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    sys.exit(run_all([path for path in found if any(">>>" not in text for _, text in BLOCK.findall(path.read_text()))]))
