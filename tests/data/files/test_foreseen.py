"""Files that do not fit into memory are refused before they are read, with a remedy that works."""

import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.base.machine import free_memory
from thalweg.data.files.files import read_files, run_query
from thalweg.data.problem import pose

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {"x": RNG.normal(size=4000), "y": RNG.integers(9, size=4000), "k": RNG.choice(["red", "blue"], 4000)}
)
WRITERS = {
    "t.csv": lambda path: FRAME.to_csv(path, index=False),
    "t.parquet": FRAME.to_parquet,
    "it's [1].json": lambda path: FRAME.to_json(path, orient="records"),
    "t.jsonl": lambda path: FRAME.to_json(path, orient="records", lines=True),
}


@pytest.mark.parametrize("name", WRITERS)
def test_what_it_needs_is_said_and_a_part_can_be_read(tmp_path, monkeypatch, name):
    path = tmp_path / name
    WRITERS[name](path)
    monkeypatch.setattr(free_memory, "free_bytes", lambda: 700_000)
    with pytest.raises(
        DataError, match=r"does not fit into memory\. This needs about .* and 700 kB are free: "
    ) as refused:
        read_files([str(path)])
    query = str(refused.value).split('such as "')[1].split('"')[0]
    assert len(run_query(query, None)) == 4000
    assert run_query(query.replace("100000", "10"), None).shape == (10, 2)
    monkeypatch.setattr(free_memory, "free_bytes", lambda: 3_000_000)
    assert len(read_files([str(path)]).frame) == 4000


def write_r(path):
    rdata = pytest.importorskip("rdata")
    rdata.write_rds(str(path), FRAME[["x"]].assign(y=FRAME["y"].astype(float)))


BY_PACKAGE = {
    "t.dta": lambda path: pytest.importorskip("pyreadstat").write_dta(FRAME, str(path)),
    "t.sav": lambda path: pytest.importorskip("pyreadstat").write_sav(FRAME, str(path)),
    "t.zsav": lambda path: pytest.importorskip("pyreadstat").write_sav(FRAME, str(path), compress=True),
    "t.xpt": lambda path: pytest.importorskip("pyreadstat").write_xport(FRAME, str(path)),
    "t.feather": FRAME.to_feather,
    "t.rds": write_r,
}


@pytest.mark.parametrize("name", BY_PACKAGE)
def test_files_of_other_packages_are_foreseen_too(tmp_path, monkeypatch, name):
    path = tmp_path / name
    BY_PACKAGE[name](path)
    monkeypatch.setattr(free_memory, "free_bytes", lambda: 100_000)
    with pytest.raises(DataError, match=r"does not fit into memory\. This needs .* are free: .* Save a part of it"):
        read_files([str(path)])
    monkeypatch.setattr(free_memory, "free_bytes", lambda: 3_000_000)
    assert len(read_files([str(path)]).frame) == 4000


def test_tables_in_memory_are_foreseen_where_they_are_posed(monkeypatch):
    frame = pd.DataFrame(np.zeros((4000, 11))).rename(columns=str)
    monkeypatch.setattr(free_memory, "free_bytes", lambda: 1_000_000)
    with pytest.raises(SettingError, match=r"1\.8 MB of memory, and 1 MB are free: 4,000 rows of 11 columns take"):
        pose(frame, target="0")


def test_rows_of_a_portable_file_are_counted_where_its_head_does_not_say_them(tmp_path, monkeypatch):
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = pd.DataFrame({f"x{k}": np.arange(3_000.0) for k in range(4)})
    pyreadstat.write_por(frame, str(tmp_path / "t.por"))
    monkeypatch.setattr(free_memory, "free_bytes", lambda: 3_000 * 4 * 48 - 1)
    with pytest.raises(DataError, match=r"does not fit into memory\. .* 3,000 rows of 4 columns take"):
        read_files([str(tmp_path / "t.por")])
    monkeypatch.setattr(free_memory, "free_bytes", lambda: 3_000 * 4 * 48)
    assert len(read_files([str(tmp_path / "t.por")]).frame) == 3_000
