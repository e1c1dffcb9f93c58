import numpy as np
import pytest
from safetensors.numpy import save

from thalweg.base.errors import RunFolderError
from thalweg.base.keeping.tensors import read_tensors


def test_arrays_and_texts_come_back(tmp_path):
    place = tmp_path / "w.safetensors"
    place.write_bytes(save({"w": np.arange(3.0), "empty": np.empty(0)}, {"a": "b"}))
    found = read_tensors(place)
    assert found.arrays["w"].tolist() == [0.0, 1.0, 2.0]
    assert found.texts == {"a": "b"}
    place.write_bytes(save({"w": np.arange(3.0)}))
    assert read_tensors(place).texts == {}


def test_damaged_files_are_told_by_name(tmp_path):
    place = tmp_path / "w.safetensors"
    whole = save({"w": np.arange(300.0)}, {"a": "b"})
    for content in (b"", b"junk", whole[:-1], b"\xff" * 8 + whole[8:], whole[:8] + b"[" * (len(whole) - 8)):
        place.write_bytes(content)
        with pytest.raises(RunFolderError, match=r"w\.safetensors is damaged"):
            read_tensors(place)
