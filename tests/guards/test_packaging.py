"""What is installed is what is imported; what may be missing names the extra that brings it; notes have valid names."""

import ast
import re
import sys
import tomllib

import pytest

from guards.repository import ROOT, SOURCES, name_of, tree_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
OF_USERS = sorted(set(EXTRAS) - {"bench", "dev", "docs"})  # those serve benchmarks, tests and the site
IMPORTED_AS = {
    "mlflow-skinny": "mlflow",
    "python-docx": "docx",
    "scikit-learn": "sklearn",
    "tensorboard": "torch.utils.tensorboard",
}
UNDER_TORCH = {"onnx", "onnxscript"}  # torch.onnx imports them for us
AROUND_US = {"IPython", "ziglang", "pyfixest"}  # there when a notebook, an installation or a table of theirs asks
KINDS = {kind["directory"] for kind in PROJECT["tool"]["towncrier"]["type"]}
NOTES = [path for path in (ROOT / "changes").iterdir() if path.name not in PROJECT["tool"]["towncrier"]["ignore"]]


def package_of(requirement):
    return re.match(r"[\w-]+", requirement)[0]


def import_name(requirement):
    package = package_of(requirement)
    return IMPORTED_AS.get(package, package.replace("-", "_"))


def imports(tree):
    """Modules a file imports or looks up by a name written as text; those behind TYPE_CHECKING count too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module
        elif isinstance(node, ast.Call):
            function = ast.unparse(node.func).rpartition(".")[2]
            if function in {"import_module", "find_spec", "_load"} and node.args:
                first = node.args[0]
                if isinstance(first, ast.JoinedStr):
                    first = first.values[0]
                if isinstance(first, ast.Constant):
                    yield first.value


USED = {path: set(imports(tree_of(path))) for path in SOURCES}
CORE = {import_name(requirement) for requirement in PROJECT["project"]["dependencies"]}


def users_of(package):
    """Files that import a package of an extra."""
    name = import_name(package)
    if name in UNDER_TORCH:
        return [path for path in SOURCES if "torch.onnx.export(" in path.read_text(encoding="utf-8")]
    return [path for path, used in USED.items() if any(f"{one}.".startswith(f"{name}.") for one in used)]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_everything_imported_is_declared(path):
    optional = {import_name(requirement) for extra in OF_USERS for requirement in EXTRAS[extra]}
    known = CORE | {name.split(".")[0] for name in optional} | {"thalweg"} | AROUND_US | sys.stdlib_module_names
    assert {module.split(".")[0] for module in USED[path]} - known == set()


def test_everything_declared_is_imported():
    used = {module.split(".")[0] for modules in USED.values() for module in modules}
    assert used >= CORE


@pytest.mark.parametrize("extra", OF_USERS)
def test_an_extra_brings_what_is_used_and_its_absence_names_it(extra):
    for requirement in EXTRAS[extra]:
        users = users_of(requirement)
        assert users, f"no source file imports {requirement}"
        for path in users:
            text = path.read_text(encoding="utf-8")
            assert "MissingExtraError(" in text, name_of(path)
            assert f"Install it with: pip install 'thalweg[{extra}]'" in text.replace("them", "it"), name_of(path)


@pytest.mark.parametrize("extra", OF_USERS)
def test_an_extra_is_explained(extra):
    assert f"`{extra}`" in (ROOT / "docs" / "how-to" / "install.md").read_text(encoding="utf-8")


def test_constraints_name_only_what_is_installed():
    names = {package_of(line) for line in (ROOT / "constraints.txt").read_text().splitlines() if line[0] != "#"}
    declared = {
        package_of(r)
        for r in (
            *PROJECT["project"]["dependencies"],
            *EXTRAS["cluster"],
            *EXTRAS["dev"],
            *EXTRAS["examples"],
            *EXTRAS["formats"],
            *EXTRAS["plot"],
            *EXTRAS["serve"],
            *EXTRAS["word"],
        )
    }
    assert names == declared - {"thalweg"}


@pytest.mark.parametrize("path", NOTES, ids=name_of)
def test_notes_for_the_release_have_valid_names_and_a_sentence(path):
    assert re.fullmatch(rf"[a-z0-9]+(?:-[a-z0-9]+)*\.({'|'.join(sorted(KINDS))})\.md", path.name)
    assert re.fullmatch(r"[^-#\s].*[.:)`]", path.read_text(encoding="utf-8").strip(), re.DOTALL)


def test_hooks_before_a_commit_are_local():
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"repo: (\S+)", text)) == {"local"}
    assert set(re.findall(r"language: (\S+)", text)) == {"system"}
