import pandas as pd
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.data.reading.files import read_file, run_query

FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
WRITERS = {
    ".csv": lambda path: FRAME.to_csv(path, index=False),
    ".csv.gz": lambda path: FRAME.to_csv(path, index=False),
    ".tsv": lambda path: FRAME.to_csv(path, index=False, sep="\t"),
    ".txt": lambda path: FRAME.to_csv(path, index=False, sep=";"),
    ".parquet": FRAME.to_parquet,
    ".pq": FRAME.to_parquet,
    ".json": lambda path: FRAME.to_json(path, orient="records"),
    ".jsonl": lambda path: FRAME.to_json(path, orient="records", lines=True),
    ".ndjson": lambda path: FRAME.to_json(path, orient="records", lines=True),
    ".json.gz": lambda path: FRAME.to_json(path, orient="records"),
}


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("capitals", [False, True])
def test_every_ending_is_read(tmp_path, ending, capitals):
    path = tmp_path / f"t{ending}"
    WRITERS[ending](path)
    if capitals and not ending.endswith(".gz"):
        path = path.rename(tmp_path / f"t{ending.upper()}")
    found = read_file(str(path))
    assert found["a"].tolist() == [1, 2]
    assert found["b"].tolist() == ["x", "y"]


def test_a_pattern_reads_its_files_in_order(tmp_path):
    for name in ("2", "1"):
        pd.DataFrame({"a": [name]}).to_parquet(tmp_path / f"part{name}.parquet")
    assert read_file(str(tmp_path / "part*.parquet"))["a"].tolist() == ["1", "2"]


def test_a_type_that_cannot_be_read_is_answered_by_those_that_can(tmp_path):
    for name, told in (("t.xlsx", r"\(\.xlsx\)"), ("t", r"\(no ending\)")):
        (tmp_path / name).write_text("a")
        with pytest.raises(DataError, match=rf"of a type that cannot be read {told}.*\.csv.*\.parquet.*\.ndjson"):
            read_file(str(tmp_path / name))


def test_a_broken_file_is_named_without_our_own_sql(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(b"no parquet at all")
    with pytest.raises(DataError, match="cannot be read") as caught:
        read_file(str(path))
    assert "select" not in str(caught.value).lower()


def test_a_missing_file_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=f"does not exist.*{tmp_path.name}"):
        read_file("t.csv")


@pytest.mark.parametrize("query", ["drop table data", "select 1; select 2", "insert into data values (1)"])
def test_only_one_select_is_run(query):
    with pytest.raises(SettingError):
        run_query(query, FRAME)


def test_the_source_is_called_data():
    assert run_query("select sum(a) as s from data", FRAME)["s"].tolist() == [3]
