"""The tools the engine is compared with; each module trains the same nets its own way."""

import importlib.util
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from peers import engine_of_thalweg, jax_scan, prototype, sklearn_mlp, torch_loop, torch_vmap
from peers.host import Train
from peers.net import Net

OURS = "thalweg"
PROTOTYPE = "prototype"
NATIVE = {"THALWEG_STEPS": "native"}
CALLS = {"THALWEG_STEPS": "torch"}
QUIET = {"PYTHONWARNINGS": "ignore"}  # nobody asked for convergence


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool, and how it is used.

    Parameters
    ----------
    label
        What tables call it.
    prepare
        Returns the training of some members of a net on some cores.
    needs
        Module it cannot do without.
    least, most
        Numbers of members it is of use for.
    environment
        Variables it wants.
    """

    label: str
    prepare: Callable[[Net, int, int], Train]
    needs: str
    least: int = 1
    most: int = 1_000_000
    environment: Mapping[str, str] = field(default_factory=dict)

    def missing(self) -> str:
        """Return why it cannot run here, or nothing."""
        if self.prepare is prototype.prepare and not os.environ.get("PROTOTYPE"):
            return "PROTOTYPE names no file"
        if self.prepare is torch_vmap.prepare_compiled and not (shutil.which("g++") or shutil.which("clang++")):
            return "no C++ compiler"
        return "" if importlib.util.find_spec(self.needs) else f"{self.needs} is not installed"


PEERS = {
    OURS: Peer("thalweg", engine_of_thalweg.prepare, "thalweg", environment=NATIVE),
    "calls": Peer("thalweg, calls of torch", engine_of_thalweg.prepare, "thalweg", environment=CALLS),
    PROTOTYPE: Peer("prototype of the engine", prototype.prepare, "torch"),
    "sklearn": Peer("scikit-learn MLP (joblib on all cores)", sklearn_mlp.prepare, "sklearn", environment=QUIET),
    "torch": Peer("PyTorch loop, fused Adam (all cores)", torch_loop.prepare, "torch"),
    "torch-1": Peer("PyTorch loop, fused Adam (one thread)", torch_loop.prepare_one_thread, "torch", most=1),
    "vmap": Peer("torch.func vmap, fused Adam", torch_vmap.prepare, "torch", least=2),
    "vmap-compiled": Peer("torch.func vmap, torch.compile", torch_vmap.prepare_compiled, "torch", least=2, most=100),
    "jax": Peer("JAX jit, vmap, scan", jax_scan.prepare_vmap, "jax"),
    "jax-shared": Peer("JAX jit, vmap, scan, one batch order for all", jax_scan.prepare_vmap_shared, "jax", least=2),
    "jax-pinned": Peer("JAX jit, scan, a pinned process per core", jax_scan.prepare_pinned, "jax"),
}
