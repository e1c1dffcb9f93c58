"""The house keeps its shape: import contracts, file sizes, one place that prints."""

import ast
import re
import subprocess
import sys
import tomllib

import pytest

from guards.repository import PACKAGE, ROOT, SOURCES, name_of, tree_of

MOST_LINES = 400
LAYERS = next(
    contract["layers"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    if contract["type"] == "layers"
)
RANKS = {
    name.strip(" ()").removeprefix("thalweg."): rank
    for rank, layer in enumerate(reversed(LAYERS))
    for name in layer.split("|")
}

TEXT = PACKAGE / "report" / "drawing" / "text.py"  # asks standard output how wide it is and which signs it has


def imported(tree):
    """Names of our modules that a file imports, also those it spells as text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Call) and "import_module" in ast.unparse(node.func):
            yield from (a.value for a in node.args if isinstance(a, ast.Constant))


def stage_of(module):
    return module.split(".")[1] if module.startswith("thalweg.") else None


def test_the_import_contracts_hold():
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", command],
        cwd=ROOT,
        env={"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_folder_has_its_place_in_the_layers():
    stages = {path.stem for path in PACKAGE.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert stages - {"__init__", "__main__", "__pycache__"} <= set(RANKS)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_point_to_lighter_layers(path):
    inside = path.relative_to(PACKAGE).with_suffix("").parts[0]
    for module in imported(tree_of(path)):
        stage = stage_of(module)
        if stage is not None and inside not in {stage, "__init__", "__main__"}:
            assert RANKS[stage] < RANKS[inside], f"{name_of(path)} imports {module}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_file_is_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", [p for p in SOURCES if PACKAGE / "cli" not in p.parents], ids=name_of)
def test_only_the_command_line_prints(path):
    used = {node.id for node in ast.walk(tree_of(path)) if isinstance(node, ast.Name)}
    written = {ast.unparse(node) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute)}
    assert "print" not in used
    assert "sys.stdout.write" not in written
    assert "sys.stdout" not in written or path == TEXT


OPEN_NO_TEXT = {"os.open", "book.open", "self.open", "webbrowser.open", "folder.open", "shelf.open"}


def opens_text_of_any_encoding(call):
    """Whether a call opens a file as text in the encoding that the system happens to have."""
    written = ast.unparse(call.func)
    if not re.fullmatch(r"open|.*\.(open|read_text|write_text)", written) or written in OPEN_NO_TEXT:
        return False
    binary = any(isinstance(mode, ast.Constant) and "b" in str(mode.value) for mode in call.args)
    return not binary and all(keyword.arg != "encoding" for keyword in call.keywords)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_text_files_name_their_encoding(path):
    calls = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    assert [ast.unparse(call) for call in calls if opens_text_of_any_encoding(call)] == []


def test_rooms_have_sub_rooms_and_no_more():
    deeper = [name_of(p) for p in SOURCES if len(p.relative_to(PACKAGE).parts) > 3]
    assert deeper == []
