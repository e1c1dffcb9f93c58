"""Native steps under the sanitizers of addresses, undefined behaviour and threads: ``make sanitize``.

Golden members and products run with steps that were compiled with the first two; threads that share every operation
run in a program of their own, with the third.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from thalweg.train.native import build, library

ROOT = Path(__file__).parents[1]
NATIVE = ROOT / "tests" / "train" / "native"
LAWS = [str(NATIVE / name) for name in ("test_golden.py", "test_product.py", "test_epoch_calls.py")]


def compiler():
    """The system's, by name: ziglang brings no sanitizers of addresses and threads."""
    found = build.system_compiler()
    if found is None or not library.levels_here():
        sys.exit("No C compiler, or none of the instruction sets that steps are compiled for.")
    return list(found.command)


def compile_with(sanitizers, source, to, *flags):
    """Compile for the widest instruction set here."""
    level = build.LEVELS[build.machine()][library.levels_here()[0]]
    told = ["-g", f"-fsanitize={sanitizers}", "-fno-sanitize-recover=all", f"-I{build.HERE}"]
    defined = [f'-DSOURCES="{build.sources()}"']
    subprocess.run([*compiler(), *flags, *level.gcc, *told, *defined, str(source), "-o", str(to), "-lm"], check=True)


def runtime(name):
    """The file of a sanitizer's library."""
    command = [*compiler(), f"-print-file-name={name}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def laws(folder):
    """Run the laws, in a process that loads the sanitizers before anything else."""
    for precision, defined in build.PRECISIONS.items():
        file = build.library_file(folder, library.levels_here()[0], precision)
        compile_with("address,undefined", build.HERE / "steps.c", file, *build.FLAGS, defined)
    environment = {
        **os.environ,
        "LD_PRELOAD": f"{runtime('libasan.so')} {runtime('libubsan.so')}",
        "ASAN_OPTIONS": "detect_leaks=0",  # Python keeps what it has until it ends
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.run([sys.executable, __file__, str(folder)], env=environment, cwd=ROOT, check=False).returncode


def threads(folder):
    """Run threads that share every operation."""
    program, flags = folder / "threads", [flag for flag in build.FLAGS if flag != "-shared"]
    compile_with("thread", NATIVE / "threads.c", program, *flags, "-DDOUBLE=0")
    return subprocess.run([str(program)], check=False).returncode


def main():
    if len(sys.argv) > 1:
        build.BUILT = library.BUILT = Path(sys.argv[1])
        if not all(library.compiled(precision) for precision in build.PRECISIONS):
            sys.exit("What was compiled does not load, and tests would be skipped.")
        level = library.levels_here()[0]
        wanted = f"golden_bits and float32 and {level} or threads_that or alignment and float64"
        wanted += f" or rows_and_weights and {level} or in_pairs or weight_zero"
        sys.exit(pytest.main(["-q", "-x", "-s", "-p", "no:cacheprovider", "-k", wanted, *LAWS]))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(threads(Path(folder)) or laws(Path(folder)))


if __name__ == "__main__":
    main()
