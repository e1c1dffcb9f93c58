import errno

import duckdb
import pytest

from thalweg.base.errors import SettingError
from thalweg.base.machine import free_memory
from thalweg.base.machine.free_memory import free_bytes, in_words, memory_told, refuse_oversized


def test_the_least_of_all_limits_counts(monkeypatch, tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 9000 kB\nMemAvailable: 4000 kB\n")
    (tmp_path / "max").write_text("3000000\n")
    (tmp_path / "current").write_text("1000000\n")
    monkeypatch.setattr(free_memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(free_memory, "_CGROUPS", ((tmp_path / "max", tmp_path / "current"),))
    assert free_bytes() == 2_000_000
    (tmp_path / "max").write_text("max\n")
    assert free_bytes() == 4000 * 1024


def test_a_machine_that_says_nothing_refuses_nothing(monkeypatch):
    for name in ("_of_system", "_of_container", "_of_process"):
        monkeypatch.setattr(free_memory, name, list)
    assert free_bytes() is None
    refuse_oversized({"networks": 10**30}, "Ask for fewer.")


def test_what_does_not_fit_is_refused_with_what_takes_it():
    refuse_oversized({"rows": 5, "networks": 5}, "Ask for fewer.", free=10)
    with pytest.raises(
        SettingError, match=r"needs about 11 bytes of memory, and 10 bytes are free: rows take 5 bytes, "
    ):
        refuse_oversized({"rows": 5, "networks": 6}, "Ask for fewer.", free=10)


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (25_300_000_000, "25 GB"), (10**40, f"{10**28:,} TB")],
)
def test_sizes_are_said_in_units(size, words):
    assert in_words(size) == words


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("Unable to allocate 93.4 MiB for an array with shape (60000, 204) and data type float64"),
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: you tried ..."),
        duckdb.OutOfMemoryException("Out of Memory Error: Failed to allocate block of 32768 bytes (bad allocation)"),
    ],
)
def test_memory_that_runs_out_is_told_alike_by_every_library(error):
    with (
        pytest.raises(SettingError, match=r"^Memory ran out \(.*are free\)\. Ask for less\."),
        memory_told("Ask for less."),
    ):
        raise error


@pytest.mark.parametrize("error", [ValueError("out of memory"), OSError(errno.ENOSPC, "full"), RuntimeError("shape")])
def test_other_errors_are_not_about_memory(error):
    with pytest.raises(type(error)), memory_told("Ask for less."):
        raise error
