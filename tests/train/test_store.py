import numpy as np
import pytest

from thalweg.base.errors import RunFolderError
from thalweg.base.files import write_whole
from thalweg.train.result import MemberFit, failed
from thalweg.train.store import MemberStore, pack, unpack


def fit_of(number):
    rng = np.random.default_rng(number)
    return MemberFit(
        number, "finished", "finished 3 epochs", rng.normal(size=5).astype(np.float32), rng.random(3), np.empty(0), 3
    )


def test_members_come_back_bit_for_bit(tmp_path):
    store = MemberStore(tmp_path / "members", every=1e9)
    fits = [fit_of(k) for k in (3, 1, 2)]
    for fit in fits:
        store.add(fit)
    store.flush()
    found = store.read()
    assert [f.number for f in found] == [1, 2, 3]
    for fit in fits:
        assert found[fit.number - 1].same_numbers(fit)
        assert found[fit.number - 1].parameters.dtype == np.float32


def test_shards_add_up_and_a_later_one_never_replaces_an_earlier(tmp_path):
    for number in range(3):
        store = MemberStore(tmp_path, every=1e9)
        store.add(fit_of(number))
        store.flush()
    assert len(list(tmp_path.glob("*.safetensors"))) == 3
    assert [f.number for f in MemberStore(tmp_path).read()] == [0, 1, 2]


def test_a_member_that_failed_is_tried_again_by_whoever_continues(tmp_path):
    store = MemberStore(tmp_path, every=1e9)
    for fit in (fit_of(0), failed(1, "failed twice: MemoryError")):
        store.add(fit)
    store.flush()
    assert [f.number for f in store.read()] == [0]


def test_a_cut_shard_is_named(tmp_path):
    path = tmp_path / "00000.safetensors"
    path.write_bytes(pack([fit_of(0)])[:40])
    with pytest.raises(RunFolderError, match=r"00000\.safetensors is damaged.*Delete this file"):
        unpack(path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunFolderError, match="cannot be written"):
        write_whole(tmp_path / "file" / "inside.txt", b"x")
