"""What an installation weighs: packages, megabytes and import time of thalweg and its neighbours, each in a fresh venv.

Every package is installed with the same build of torch for the CPU where its own requirements allow it; with PyTorch's
default build for GPUs all that need torch grow alike, by more than everything else together. "packages" counts
distributions without pip and setuptools, "MB" the files below site-packages without caches, "import" is CPU time of the
line a user would write first, least of five. A package whose requirements cannot be met here is only resolved
(`pip install --dry-run`): its number of packages is known, its size is not.

    python benchmarks/install_weight.py [names]
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import machine
from tables import markdown

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "install_weight"
REPEATS = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something to install, and how a user would begin with it."""

    requirements: tuple[str, ...]
    line: str


CANDIDATES = {
    "thalweg": Candidate((str(ROOT),), "from thalweg.estimators import NetRegressor; NetRegressor()"),
    "scikit-learn": Candidate(("scikit-learn",), "from sklearn.neural_network import MLPRegressor; MLPRegressor()"),
    "skorch": Candidate(("skorch", "torch"), "from skorch import NeuralNetRegressor"),
    "pytabkit": Candidate(("pytabkit",), "from pytabkit import RealMLP_TD_Regressor; RealMLP_TD_Regressor()"),
    "autogluon.tabular": Candidate(("autogluon.tabular",), "from autogluon.tabular import TabularPredictor"),
    "autogluon.tabular[all]": Candidate(("autogluon.tabular[all]",), "from autogluon.tabular import TabularPredictor"),
}
COUNT = """
import importlib.metadata, json, pathlib, sysconfig
place = pathlib.Path(sysconfig.get_paths()["purelib"])
names = {d.metadata["Name"].lower(): d.version for d in importlib.metadata.distributions(path=[str(place)])}
size = sum(f.stat().st_size for f in place.rglob("*") if f.is_file() and "__pycache__" not in f.parts)
print(json.dumps({"versions": {k: v for k, v in names.items() if k not in ("pip", "setuptools")}, "bytes": size}))
"""
IMPORT = "import time; t = time.process_time(); {line}; print(time.process_time() - t)"


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def weigh(name: str, torch: str) -> dict[str, object]:
    """Install a candidate into a fresh venv and return what is there."""
    candidate = CANDIDATES[name]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        run(sys.executable, "-m", "venv", folder)
        python = str(place / "bin" / "python")
        (place / "constraints.txt").write_text(f"torch=={torch}\n", encoding="utf-8")
        pinned = ["-c", str(place / "constraints.txt")]
        for extra in (pinned, []):
            try:
                run(python, "-m", "pip", "install", "-q", "--no-compile", *extra, *candidate.requirements)
            except subprocess.CalledProcessError as error:
                print(f"{name}, {extra}: {error.stderr.strip().splitlines()[-1]}", file=sys.stderr)
                continue
            found = json.loads(run(python, "-c", COUNT))
            run(python, "-c", candidate.line)  # writes the caches
            seconds = [float(run(python, "-c", IMPORT.format(line=candidate.line))) for _ in range(REPEATS)]
            return found | {"seconds": min(seconds), "same torch": bool(extra)}
        return resolve(python, candidate, place)


def resolve(python: str, candidate: Candidate, place: Path) -> dict[str, object]:
    """Return the packages that would be installed."""
    path = place / "report.json"
    run(python, "-m", "pip", "install", "-q", "--dry-run", "--report", str(path), *candidate.requirements)
    plan = json.loads(path.read_text(encoding="utf-8"))["install"]
    versions = {item["metadata"]["name"].lower(): item["metadata"]["version"] for item in plan}
    return {"versions": versions, "bytes": None, "seconds": None, "same torch": False}


def write(records: dict[str, dict[str, object]], facts: dict[str, object]) -> None:
    rows = []
    for name, record in records.items():
        versions = dict(record["versions"])
        size, seconds, torch = record["bytes"], record["seconds"], versions.get("torch")
        own = versions.get(name.split("[")[0].replace("_", "-"), "")
        alone = f"{size / 1e6:,.0f}" if size else "not installed"
        rows.append([f"{name} {own}", str(len(versions)), alone, torch or "none", f"{seconds:.2f}" if seconds else "–"])
    how = (__doc__ or "").split("\n\n")[1].replace("\n", " ")
    table = markdown(["installed", "packages", "MB", "torch", "import, s"], rows)
    text = ["# Install weight", "", how, "", *machine.as_lines(facts), "", table, ""]
    RESULTS.with_suffix(".md").write_text("\n".join(text), encoding="utf-8")
    RESULTS.with_suffix(".json").write_text(json.dumps({"facts": facts, "records": records}, indent=1) + "\n")


def main() -> None:
    facts = machine.describe(("torch",))
    torch = facts["versions"]["torch"]
    path = RESULTS.with_suffix(".json")
    records = json.loads(path.read_text(encoding="utf-8"))["records"] if path.exists() else {}
    for name in sys.argv[1:] or CANDIDATES:
        records[name] = weigh(name, torch)
        write({key: records[key] for key in CANDIDATES if key in records}, facts)
        print(name, len(records[name]["versions"]), records[name]["bytes"], records[name]["seconds"], flush=True)


if __name__ == "__main__":
    main()
