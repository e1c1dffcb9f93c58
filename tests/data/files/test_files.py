import errno
import gzip
import io
import os
import sys
import threading

import pandas as pd
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.data.files.files import read_files, run_query

FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
WRITERS = {
    ".csv": lambda path: FRAME.to_csv(path, index=False),
    ".csv.gz": lambda path: FRAME.to_csv(path, index=False),
    ".csv.bz2": lambda path: FRAME.to_csv(path, index=False),
    ".tsv": lambda path: FRAME.to_csv(path, index=False, sep="\t"),
    ".txt": lambda path: FRAME.to_csv(path, index=False, sep=";"),
    ".parquet": FRAME.to_parquet,
    ".pq": FRAME.to_parquet,
    ".json": lambda path: FRAME.to_json(path, orient="records"),
    ".jsonl": lambda path: FRAME.to_json(path, orient="records", lines=True),
    ".ndjson": lambda path: FRAME.to_json(path, orient="records", lines=True),
    ".json.gz": lambda path: FRAME.to_json(path, orient="records"),
}


def read(*paths):
    return read_files([str(path) for path in paths]).frame


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("capitals", [False, True])
def test_every_ending_is_read(tmp_path, ending, capitals):
    path = tmp_path / f"t{ending}"
    WRITERS[ending](path)
    if capitals:
        path = path.rename(tmp_path / f"t{ending.upper()}")
    found = read(path)
    assert found["a"].tolist() == [1, 2]
    assert found["b"].tolist() == ["x", "y"]


def test_content_counts_more_than_the_ending(tmp_path):
    FRAME.to_parquet(tmp_path / "t.csv")
    assert read(tmp_path / "t.csv")["a"].tolist() == [1, 2]


def test_a_pattern_reads_its_files_in_order(tmp_path):
    for name in ("2", "1"):
        pd.DataFrame({"a": [name]}).to_parquet(tmp_path / f"part{name}.parquet")
    assert read(tmp_path / "part*.parquet")["a"].tolist() == ["1", "2"]


def test_every_file_has_a_dialect_of_its_own(tmp_path):
    (tmp_path / "a.csv").write_text("# made on Monday\nx,y\n1,2\n3,4\n")
    (tmp_path / "b.csv").write_text("y;x\n6;5\n8;7\n")
    assert read(tmp_path / "*.csv").to_dict("list") == {"x": [1, 3, 5, 7], "y": [2, 4, 6, 8]}
    assert read(tmp_path / "b.csv", tmp_path / "a.csv")["x"].tolist() == [5, 7, 1, 3]


def test_files_of_other_columns_are_refused_by_name(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.csv").write_text("x,z\n1,2\n")
    with pytest.raises(DataError, match="different columns: the second lacks 'y' and has 'z' besides"):
        read(tmp_path / "*.csv")


@pytest.mark.parametrize("text", ["a,b\n1,x\n2,y\n", '[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]'])
def test_standard_input_is_a_table(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert read("-")["b"].tolist() == ["x", "y"]


def test_an_index_that_pandas_stored_is_no_column(tmp_path):
    FRAME.set_index(pd.Index(["p", "q"])).to_parquet(tmp_path / "t.parquet")
    found = read_files([str(tmp_path / "t.parquet")])
    assert found.frame.columns.tolist() == ["a", "b"]
    assert "an index that pandas stored" in found.notes[0].text


def test_a_type_that_cannot_be_read_is_answered_by_those_that_can(tmp_path):
    for name, told in (("t.doc", r"\(\.doc\)"), ("t", r"\(no ending\)")):
        (tmp_path / name).write_text("a")
        with pytest.raises(DataError, match=rf"of a type that cannot be read {told}.*\.csv.*\.parquet.*\.ndjson"):
            read(tmp_path / name)


def test_a_broken_file_is_named_without_our_own_sql(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(b"no parquet at all")
    with pytest.raises(DataError, match="cannot be read") as caught:
        read(path)
    assert "select" not in str(caught.value).lower()


def test_a_missing_file_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=f"does not exist.*{tmp_path.name}"):
        read("t.csv")


@pytest.mark.parametrize("query", ["drop table data", "select 1; select 2", "insert into data values (1)"])
def test_only_one_select_is_run(query):
    with pytest.raises(SettingError):
        run_query(query, FRAME)


def test_the_source_is_called_data():
    assert run_query("select sum(a) as s from data", FRAME)["s"].tolist() == [3]


def test_a_query_that_names_a_file_by_signs_of_a_pattern_reads_that_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, value in (("it's [1].csv", 1), ("it's 1.csv", 2)):
        (tmp_path / name).write_text(f"x\n{value}\n")
    with pytest.raises(SettingError, match=r"query names the file .*\[1\].* Write '(.*)'") as refused:
        run_query("select * from 'it''s [1].csv'", None)
    mended = str(refused.value).split("Write ")[1].rstrip(".")
    assert run_query("select * from " + mended, None)["x"].tolist() == [1]  # noqa: S608 - the remedy itself
    assert run_query("select * from 'it''s ?.csv'", None)["x"].tolist() == [2]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
@pytest.mark.parametrize("name", ["p.csv", "p"])
def test_a_pipe_is_read_once_and_whole(tmp_path, name):
    os.mkfifo(tmp_path / name)
    writer = threading.Thread(target=(tmp_path / name).write_text, args=("x,y\n" + "1,2\n" * 50,), daemon=True)
    writer.start()
    assert read(tmp_path / name)["x"].tolist() == [1] * 50
    writer.join()


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are texts elsewhere")
def test_names_that_are_no_text_are_names(tmp_path):
    for ending in (".csv", ".parquet"):
        path = tmp_path / f"caf\udce9{ending}"
        WRITERS[ending](tmp_path / f"t{ending}")
        (tmp_path / f"t{ending}").rename(path)
        assert read(path)["a"].tolist() == [1, 2]


def test_what_the_system_refuses_is_told_with_a_remedy(tmp_path, monkeypatch):
    with gzip.open(tmp_path / "t.csv.gz", "wt") as file:
        file.write("x\n1\n")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("thalweg.data.files.compression._expand", full)
    with pytest.raises(DataError, match=r"no space in .* for a copy of .*t\.csv\.gz'.*TMPDIR"):
        read(tmp_path / "t.csv.gz")
    monkeypatch.setattr(
        "thalweg.data.files.files.format_at", lambda *_: (_ for _ in ()).throw(PermissionError(13, "No"))
    )
    with pytest.raises(DataError, match=r"t\.csv\.gz' cannot be read: no\. "):
        read(tmp_path / "t.csv.gz")
