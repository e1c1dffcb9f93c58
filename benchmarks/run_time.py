"""Wall time of `make run` on a bare machine, split into set-up (environment, installation) and the job itself.

The tree as committed is cloned to a temporary folder, so that nothing installed or computed before helps. The package
index is whatever pip is set to; downloads are part of set-up.

    python benchmarks/run_time.py
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import machine
from tables import markdown

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"


def seconds(command: list[str], folder: Path) -> float:
    """Run a command in a folder and return its wall time; stop here if it fails."""
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True)
    return time.perf_counter() - started


def main() -> None:
    """Clone, set up, run, run again; print and write."""
    git, make = shutil.which("git"), shutil.which("make")
    if git is None or make is None:
        sys.exit("git and make are needed")
    facts = machine.describe(("torch", "numpy"))
    with tempfile.TemporaryDirectory() as temporary:
        clone = Path(temporary) / "thalweg"
        subprocess.run([git, "clone", "--quiet", str(ROOT), str(clone)], check=True)
        python = f"PYTHON={sys.executable}"
        times = {
            "set-up: environment and installation": seconds([make, python, ".venv/.installed"], clone),
            "job: `make run` once installed": seconds([make, python, "run", "RUN=runs/timed"], clone),
            "the same again, answered from its folder": seconds([make, python, "run", "RUN=runs/timed"], clone),
        }
    rows = [[label, f"{value:.1f}"] for label, value in times.items()]
    text = ["# Wall time of `make run`", "", *machine.as_lines(facts), "", markdown(["part", "seconds"], rows)]
    print("\n".join(text))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "run_time.md").write_text("\n".join(text) + "\n")
    (RESULTS / "run_time.json").write_text(json.dumps({"facts": facts, "seconds": times}, indent=1) + "\n")


if __name__ == "__main__":
    main()
