"""Compiles the native steps while thalweg is installed; without them steps are calls of torch."""

import sys
import sysconfig
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NATIVE = Path("src/thalweg/train/native")


class NativeSteps(BuildHookInterface):  # type: ignore[type-arg]  # its parameter is not exported
    """The hook, for wheels and editable installations."""

    def dependencies(self) -> list[str]:
        """Ask for a compiler from PyPI where the system has none."""
        return list(self._builder().requirements())

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the same for both
        """Compile, and make the wheel one for this kind of machine."""
        try:
            files = self._builder().build()
        except Exception as error:  # noqa: BLE001 - whatever it is, thalweg is whole without them
            self.app.display_warning(f"The native steps could not be compiled, steps are calls of torch: {error}")
            return
        if files:
            build_data["artifacts"] += [file.relative_to(self.root).as_posix() for file in files]
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"

    def _builder(self) -> ModuleType:
        """Load build.py without the package around it, which needs what is not installed yet."""
        spec = spec_from_file_location("build_native", Path(self.root) / NATIVE / "build.py")
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        sys.modules[spec.name] = module  # dataclasses look there
        spec.loader.exec_module(module)
        return module
