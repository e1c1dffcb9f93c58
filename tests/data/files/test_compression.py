"""Compressed files: whole, or refused."""

import bz2
import gzip
import importlib
import lzma

import numpy as np
import pytest

from thalweg.base.errors import DataError
from thalweg.data.files.compression import expanded
from thalweg.data.files.files import read_files
from thalweg.data.files.location import Location

TEXT = ("x,y\n" + "".join(f"{n},{n * n % 97}\n" for n in range(9000))).encode()
WAYS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": None}


@pytest.fixture(params=WAYS)
def way(request):
    squeeze = WAYS[request.param] or pytest.importorskip("zstandard").ZstdCompressor(write_checksum=True).compress
    return request.param, squeeze


def read(tmp_path, ending, content):
    path = tmp_path / f"t.csv{ending}"
    path.write_bytes(content)
    return expanded(Location(path), path, tmp_path / "plain").read_bytes()


def test_streams_one_after_another_are_all_read(tmp_path, way):
    ending, squeeze = way
    assert read(tmp_path, ending, squeeze(TEXT)) == TEXT
    assert read(tmp_path, ending, squeeze(TEXT) + squeeze(b"1,2\n")) == TEXT + b"1,2\n"
    assert read(tmp_path, ending, squeeze(TEXT) + bytes(40_000) + squeeze(b"1,2\n") + bytes(8)) == TEXT + b"1,2\n"


def test_nothing_is_lost_in_silence(tmp_path, way):
    ending, squeeze = way
    whole = squeeze(TEXT)
    for cut in (6, 30, len(whole) // 2, len(whole) - 1):
        with pytest.raises(DataError, match="is compressed and damaged: it ends too early"):
            read(tmp_path, ending, whole[:cut])
    for tail in (b"x", b"0,1\n" * 9000, whole[1:]):
        with pytest.raises(DataError, match="damaged: something follows the end"):
            read(tmp_path, ending, whole + tail)
    with pytest.raises(DataError, match="is compressed and damaged: it ends too early"):
        read(tmp_path, ending, whole + whole[:-5])


def test_flipped_bits_are_damage(tmp_path, way):
    ending, squeeze = way
    whole, rng = squeeze(TEXT), np.random.default_rng(0)
    for place in rng.integers(20, len(whole) - 9, size=15):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        try:
            same = read(tmp_path, ending, bytes(damaged)) == TEXT
        except DataError as error:
            same = "is compressed and damaged" in str(error)
        assert same


def test_what_is_called_compressed_and_is_not_is_refused_with_a_remedy_that_works(tmp_path, way):
    ending, squeeze = way
    for content in (b"junk", TEXT, bytes(range(256))):
        with pytest.raises(DataError, match=rf"t\.csv\{ending}' is not compressed by .* take \{ending} off its name"):
            read(tmp_path, ending, content)
    (tmp_path / f"t.csv{ending}").rename(tmp_path / "t.csv").write_bytes(TEXT)
    assert len(read_files([str(tmp_path / "t.csv")]).frame) == 9000
    with pytest.raises(DataError, match="is compressed twice"):
        read(tmp_path, ending, squeeze(gzip.compress(TEXT)))


def test_other_formats_are_not_expanded(tmp_path):
    (tmp_path / "t.parquet.gz").write_bytes(gzip.compress(b"PAR1"))
    with pytest.raises(DataError, match="is a compressed Parquet file"):
        read_files([str(tmp_path / "t.parquet.gz")])


def test_without_its_package_zstandard_is_asked_for(tmp_path, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "zstandard" else found(name))
    with pytest.raises(Exception, match=r"need the package zstandard\. Install it with"):
        read(tmp_path, ".zst", b"\x28\xb5\x2f\xfd1234")
