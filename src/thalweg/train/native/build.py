"""Compiling the steps by the system's compiler.

It stands alone, so that an installation can use it before there is anything to import.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
BUILT: Final = HERE / "built"
FLAGS: Final = ["-O3", "-shared", "-fPIC", "-std=gnu11", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math",
                "-fvisibility=hidden", "-pthread"]  # fmt: skip
LEVELS: Final[dict[str, dict[str, list[str]]]] = {
    "x86_64": {"v3": ["-march=x86-64-v3"]},
}
"""Instruction sets a machine of a kind is built for, the widest first."""
PRECISIONS: Final = {"float32": "-DDOUBLE=0", "float64": "-DDOUBLE=1"}


def machine() -> str:
    """Return the kind of processor by one name."""
    return {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())


def sources() -> str:
    """Return the digest of what is compiled, by which a stale build is known."""
    files = sorted(path for path in HERE.iterdir() if path.suffix in {".c", ".h"})
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def compiler() -> list[str] | None:
    """Return the command of the system's C compiler, or None."""
    return next(([name] for name in ("cc", "gcc", "clang") if shutil.which(name)), None)


def library_file(folder: Path, level: str, precision: str) -> Path:
    """Return where a library lies."""
    return folder / f"steps_{level}_{precision}.so"


def compile_library(file: Path, precision: str, command: Sequence[str], flags: Sequence[str]) -> Path:
    """Compile the steps unless the library is there already, from the same sources; written whole or not at all."""
    digest = sources()
    if file.exists() and digest.encode() in file.read_bytes():
        return file
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    defined = [PRECISIONS[precision], f'-DSOURCES="{digest}"']
    whole = [*command, *FLAGS, *flags, *defined, str(HERE / "steps.c"), "-o", str(new), "-lm"]
    subprocess.run(whole, check=True, capture_output=True, text=True, timeout=300)  # noqa: S603 - a compiler
    new.replace(file)
    return file


def build(folder: Path = BUILT) -> list[Path]:
    """Compile every library of this kind of machine, side by side; none where there is no compiler.

    Raises
    ------
    subprocess.SubprocessError
        If the compiler fails, or does not end.
    """
    command = compiler()
    if command is None or sys.platform == "win32":
        return []
    levels = LEVELS.get(machine(), {})

    def one(level: str, precision: str) -> Path:
        return compile_library(library_file(folder, level, precision), precision, command, levels[level])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(one, *zip(*product(levels, PRECISIONS), strict=True))) if levels else []


if __name__ == "__main__":
    build()
