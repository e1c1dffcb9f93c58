"""Compiling the steps by the system's compiler, or by ziglang's from PyPI where there is none.

It stands alone, so that an installation can use it before there is anything to import.
"""

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
BUILT: Final = HERE / "built"
FLAGS: Final = ["-O2", "-shared", "-fPIC", "-std=gnu11", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math",
                "-fvisibility=hidden", "-pthread"]  # fmt: skip
PRECISIONS: Final = {"float32": "-DDOUBLE=0", "float64": "-DDOUBLE=1"}
ZIGLANG: Final = "ziglang>=0.13"
"""What an installation asks PyPI for where the system has no compiler."""


@dataclass(frozen=True, slots=True)
class Level:
    """A set of instructions.

    Parameters
    ----------
    gcc
        How gcc and clang are told.
    zig
        How zig is told, where the C library is to be one as old as PyPI's wheels assume.
    """

    gcc: tuple[str, ...]
    zig: tuple[str, ...]


def _zig(kind: str, cpu: str) -> tuple[str, ...]:
    target = {"linux": f"{kind}-linux-gnu.2.17", "darwin": f"{kind}-macos"}.get(sys.platform)
    return (*(() if target is None else ("-target", target)), f"-mcpu={cpu}")


LEVELS: Final[dict[str, dict[str, Level]]] = {
    "x86_64": {
        "v4": Level(
            ("-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mavx2", "-mfma", "-mprefer-vector-width=512"),
            _zig("x86_64", "x86_64_v4"),
        ),
        "v3": Level(("-mavx2", "-mfma"), _zig("x86_64", "x86_64_v3")),
    },
    "aarch64": {"neon": Level((), _zig("aarch64", "generic"))},
}
"""Instruction sets a machine of a kind is built for, the widest first."""


@dataclass(frozen=True, slots=True)
class Compiler:
    """A command, and how it is told for which instructions to compile."""

    command: tuple[str, ...]
    flags: Callable[[Level], tuple[str, ...]]


def machine() -> str:
    """Return the kind of processor by one name."""
    return {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())


def sources() -> str:
    """Return the digest of what is compiled, by which a stale build is known."""
    files = sorted(path for path in HERE.iterdir() if path.suffix in {".c", ".h"})
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def system_compiler() -> Compiler | None:
    """Return the system's C compiler; None where there is none, or it finds no headers."""
    found = (shutil.which(name) for name in ("cc", "gcc", "clang"))
    return next((Compiler((path,), _for_gcc) for path in found if path is not None and _works(path)), None)


def zig_compiler() -> Compiler | None:
    """Return the compiler of the package ziglang; None where it is not installed."""
    if importlib.util.find_spec("ziglang") is None:
        return None
    return Compiler((sys.executable, "-m", "ziglang", "cc", "-g0", "-s"), _for_zig)


def compiler() -> Compiler | None:
    """Return the system's C compiler, else ziglang's, or None."""
    return system_compiler() or zig_compiler()


def requirements() -> list[str]:
    """Return what has to be installed before anything can be compiled here."""
    return [ZIGLANG] if _levels() and system_compiler() is None else []


def library_file(folder: Path, level: str, precision: str) -> Path:
    """Return where a library lies."""
    return folder / f"steps_{level}_{precision}.so"


def compile_library(file: Path, precision: str, command: Sequence[str], flags: Sequence[str]) -> Path:
    """Compile the steps unless the library is there already, from the same sources; written whole or not at all."""
    digest = sources()
    if file.exists() and digest.encode() in file.read_bytes():
        return file
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(f".{os.getpid()}.new")
    defined = [PRECISIONS[precision], f'-DSOURCES="{digest}"']
    whole = [*command, *FLAGS, *flags, *defined, str(HERE / "steps.c"), "-o", str(new), "-lm"]
    try:
        subprocess.run(whole, check=True, capture_output=True, text=True, timeout=300)  # noqa: S603 - a compiler
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
    return file


def build(folder: Path = BUILT) -> list[Path]:
    """Compile every library of this kind of machine, side by side; none where there is no compiler.

    A level that an old compiler does not know is left out.

    Raises
    ------
    subprocess.SubprocessError
        If the compiler fails for all, or does not end.
    """
    levels, found = _levels(), compiler()
    if found is None or not levels:
        return []
    failures: list[subprocess.CalledProcessError] = []

    def one(level: str, precision: str) -> Path | None:
        file = library_file(folder, level, precision)
        try:
            return compile_library(file, precision, found.command, found.flags(levels[level]))
        except subprocess.CalledProcessError as error:
            failures.append(error)
            return None

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        files = [file for file in pool.map(one, *zip(*product(levels, PRECISIONS), strict=True)) if file is not None]
    if not files:
        raise failures[0]
    return files


def _levels() -> dict[str, Level]:
    return {} if sys.platform == "win32" else LEVELS.get(machine(), {})


def _works(path: str) -> bool:
    """Whether a compiler links a library against what the steps include."""
    code = "#include <math.h>\n#include <pthread.h>\n#include <stdatomic.h>\nint one(void) { return 1; }\n"
    with tempfile.TemporaryDirectory() as folder:
        command = [path, "-x", "c", "-shared", "-fPIC", "-", "-o", str(Path(folder) / "one.so")]
        try:
            done = subprocess.run(command, input=code, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0


def _for_gcc(level: Level) -> tuple[str, ...]:
    return level.gcc


def _for_zig(level: Level) -> tuple[str, ...]:
    return level.zig


if __name__ == "__main__":
    build()
