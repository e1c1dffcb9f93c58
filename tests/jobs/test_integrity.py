"""Whatever is damaged, foreign or of another version is refused by the file's name, and the remedy works."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

import thalweg as tw
from thalweg.base.keeping.digests import sealed
from thalweg.base.run_folder import RunFolder

RNG = np.random.default_rng(0)
TABLE = {"x": RNG.normal(size=60), "z": RNG.normal(size=60)}
TABLE["y"] = TABLE["x"] + RNG.normal(size=60)
QUICK = {"target": "y", "folds": 2, "seeds": 2, "epochs": 3, "trees": 2, "hidden": 4, "workers": 1}


def fit(out, **changes):
    return tw.fit(TABLE, **(QUICK | {"out": out} | changes))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    return fit(folder), folder


@pytest.fixture
def copy(made, tmp_path):
    return shutil.copytree(made[1], tmp_path / "copy")


def flip(path, share):
    content = bytearray(path.read_bytes())
    content[int(share * (len(content) - 1))] ^= 1
    path.write_bytes(bytes(content))


FILES = ("answer.json", "model.json", "weights.safetensors", "predictions.parquet", "members.csv")


@pytest.mark.parametrize("name", FILES)
def test_one_bit_of_a_file_is_noticed_and_the_same_command_mends_it(made, copy, name):
    first, _ = made
    for share in (0.2, 0.7):
        flip(copy / name, share)
        with pytest.raises(
            tw.RunFolderError, match=rf"{name.replace('.', '[.]')} .*Give the command that made it again"
        ):
            tw.load(copy)
        assert fit(copy).to_dict()["leaderboard"] == first.to_dict()["leaderboard"]
        pd.testing.assert_frame_equal(tw.load(copy).predict(TABLE), first.predict(TABLE))


@pytest.mark.parametrize("name", [*FILES, "report.html"])
def test_a_run_that_lacks_a_file_is_not_finished(copy, name):
    (copy / name).unlink()
    assert not RunFolder(copy).finished
    fit(copy)
    assert RunFolder(copy).finished
    assert (copy / name).exists()


def shards(folder, stage="search"):
    return sorted((folder / "members" / stage).glob("*.safetensors"))


@pytest.mark.parametrize("stage", ["search", "chosen"])
def test_one_bit_of_a_shard_is_noticed_and_its_members_are_trained_again(made, copy, stage):
    (copy / "answer.json").unlink()
    shard = shards(copy, stage)[0]
    for share in (0.02, 0.3, 0.6, 0.99):
        flip(shard, share)
        with pytest.raises(tw.RunFolderError, match=rf"{shard.name} is damaged.*Delete this file and give the command"):
            fit(copy)
        shutil.copy(shards(made[1], stage)[0], shard)
    flip(shard, 0.9)
    with pytest.raises(tw.RunFolderError):
        fit(copy)
    shard.unlink()
    assert fit(copy).to_dict()["leaderboard"] == made[0].to_dict()["leaderboard"]


def test_a_shard_of_another_run_is_refused(copy, tmp_path):
    fit(tmp_path / "other", seed=7)
    shutil.copy(shards(tmp_path / "other")[0], shards(copy)[0])
    (copy / "answer.json").unlink()
    with pytest.raises(tw.RunFolderError, match="it belongs to another run"):
        fit(copy)
    with pytest.raises(tw.RunFolderError, match="it belongs to another run"):
        tw.replay(copy, 0, source=TABLE)


def test_a_shard_of_another_stage_is_refused(copy):
    (copy / "answer.json").unlink()
    shutil.copy(shards(copy, "chosen")[0], shards(copy)[0])
    with pytest.raises(tw.RunFolderError, match="it belongs to another run"):
        fit(copy)


@pytest.mark.parametrize("content", [b"[]", b"{}", b"1", b"{", b"[" * 10_000, b'{"job": 1}'])
def test_a_damaged_configuration_is_told_at_every_door(copy, content):
    (copy / "config.json").write_bytes(content)
    for door in (lambda: fit(copy), lambda: tw.load(copy), lambda: tw.replay(copy, 0, source=TABLE)):
        with pytest.raises(tw.RunFolderError, match=r"config\.json is damaged.*Delete the folder"):
            door()
    shutil.rmtree(copy)
    fit(copy)


def test_one_bit_of_the_configuration_is_noticed(copy):
    text = (copy / "config.json").read_text()
    (copy / "config.json").write_text(text.replace('"seed": 0', '"seed": 1'))
    for door in (lambda: fit(copy, seed=1), lambda: tw.load(copy), lambda: tw.replay(copy, 0, source=TABLE)):
        with pytest.raises(tw.RunFolderError, match=r"config\.json is damaged"):
            door()


def test_a_run_of_another_version_is_told(copy):
    config = json.loads((copy / "config.json").read_text())
    config["versions"]["thalweg"] = "99.0"
    content = (json.dumps(sealed(config)) + "\n").encode()
    RunFolder(copy).update("config.json", content)
    with pytest.raises(
        tw.RunFolderError, match=r"was written by thalweg 99\.0, and this is thalweg .* Install thalweg 99"
    ):
        tw.load(copy)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("model.json", lambda plain: plain | {"encoder": 3}),
        ("model.json", lambda plain: plain | {"networks": -1, "linear": [5]}),
        ("model.json", lambda plain: plain | {"networks": 10**9}),
        ("model.json", lambda plain: plain | {"setting": plain["setting"] | {"activation": "nonsense"}}),
        ("answer.json", lambda plain: plain | {"leaderboard": []}),
        ("answer.json", lambda plain: plain | {"files": {"../run": "0"}}),
        ("answer.json", lambda plain: plain | {"files": []}),
    ],
)
def test_values_of_a_stranger_with_right_digests_are_told_by_file(copy, name, change):
    plain = change(json.loads((copy / name).read_text()))
    content = json.dumps(sealed(plain) if name == "answer.json" else plain).encode()
    if name == "answer.json":
        (copy / name).write_bytes(content)
    else:
        RunFolder(copy).update(name, content)
    with pytest.raises(tw.RunFolderError, match=name.replace(".", r"\.")):
        tw.load(copy).predict(TABLE)


def test_a_report_made_anew_belongs_to_the_finished_run(copy):
    (copy / "report.html").write_text("mine")
    run = tw.load(copy)
    assert not RunFolder(copy).finished
    run.report()
    assert RunFolder(copy).finished


def test_a_finished_run_in_a_folder_that_may_only_be_read_prints_its_answer(made, copy, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("filelock.FileLock.acquire", refused)
    monkeypatch.setattr("thalweg.base.files.write_whole", refused)
    assert fit(copy).sentence == made[0].sentence
    with pytest.raises(tw.RunFolderError, match="made by another command"):
        fit(copy, seed=1)
    (copy / "model.json").unlink()
    with pytest.raises(tw.RunFolderError, match="cannot be written: Permission denied"):
        fit(copy)
