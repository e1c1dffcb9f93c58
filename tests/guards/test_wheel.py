"""The wheel holds the package, its data and nothing else, and works without being unpacked."""

import subprocess
import sys
import sysconfig
from zipfile import ZipFile

import pytest

from builds import needs_compiler
from guards.repository import PACKAGE, ROOT
from thalweg.train.native import build


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", command, str(folder)], cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("thalweg-*.whl")
    return path


def test_it_holds_every_file_of_the_package_and_no_other(wheel):
    names = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = (path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert names == {path.relative_to(PACKAGE.parent).as_posix() for path in files}
    assert {"thalweg/py.typed", "thalweg/report/drawing/page.html.jinja"} <= names


@needs_compiler
def test_it_holds_native_steps_for_every_instruction_set_of_its_machine(wheel):
    compiled = {f"steps_{level}_{p}.so" for level in build.LEVELS[build.machine()] for p in build.PRECISIONS}
    built = "thalweg/train/native/built/"
    assert {name.removeprefix(built) for name in ZipFile(wheel).namelist() if name.startswith(built)} == compiled
    assert wheel.stem.endswith(sysconfig.get_platform().replace("-", "_").replace(".", "_"))


def test_it_says_what_it_is(wheel):
    archive = ZipFile(wheel)
    about = {name.rpartition("/")[2]: name for name in archive.namelist() if ".dist-info/" in name}
    assert "thalweg = thalweg.cli.main:main" in archive.read(about["entry_points.txt"]).decode()
    metadata = archive.read(about["METADATA"]).decode()
    assert "License-Expression: MIT" in metadata
    assert "Requires-Python: >=3.11" in metadata
    assert "LICENSE" in about


def test_it_runs(wheel, tmp_path):
    code = "import thalweg.report.comparison.page, thalweg.cli.main; thalweg.cli.main.main(['--version'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("thalweg "), done.stderr
