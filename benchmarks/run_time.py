"""Wall time of one `make run` on a bare machine, split into set-up (environment, installation) and the job itself.

The tree as committed is cloned to a temporary folder and pip may not use its cache, so that nothing installed or
computed before helps. Set-up ends when make stamps the environment; what follows is the job. The package index is
whatever pip is set to; downloads are part of set-up.

    python benchmarks/run_time.py
"""

import json
import os
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


def make_run(clone: Path) -> dict[str, float]:
    """Run `make run` in a fresh clone, then once more, and return the seconds of every part."""
    make = [shutil.which("make") or "make", f"PYTHON={sys.executable}", "run"]
    bare = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    started = time.time()
    subprocess.run(make, cwd=clone, env=bare | {"PIP_NO_CACHE_DIR": "1"}, check=True)
    ended = time.time()
    installed = (clone / ".venv" / ".installed").stat().st_mtime
    subprocess.run(make, cwd=clone, env=bare, check=True)
    return {
        "set-up: environment and installation": installed - started,
        "job: from the table to the report": ended - installed,
        "`make run` in all": ended - started,
        "`make run` once more, answered from its folder": time.time() - ended,
    }


def main() -> None:
    """Clone, run, run again; print and write."""
    git = shutil.which("git")
    if git is None:
        sys.exit("git is needed")
    facts = machine.describe(("torch", "numpy"))
    with tempfile.TemporaryDirectory() as temporary:
        clone = Path(temporary) / "thalweg"
        subprocess.run([git, "clone", "--quiet", str(ROOT), str(clone)], check=True)
        times = make_run(clone)
    facts["load average at the end"] = os.getloadavg()[0]
    how = (__doc__ or "").split("\n\n")[1].replace("\n", " ")
    rows = [[label, f"{value:.1f}"] for label, value in times.items()]
    table = markdown(["part", "seconds"], rows)
    ended = f"- at the end: load average {facts['load average at the end']:.2f}"
    text = ["# Wall time of `make run`", "", how, "", *machine.as_lines(facts), ended, "", table]
    print("\n".join(text))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "run_time.md").write_text("\n".join(text) + "\n")
    (RESULTS / "run_time.json").write_text(json.dumps({"facts": facts, "seconds": times}, indent=1) + "\n")


if __name__ == "__main__":
    main()
