"""Power before an experiment, from the command and from Python."""

import json

import pytest

import thalweg as tw
from effects.experiment.test_before import seen
from thalweg.cli.main import main
from thalweg.jobs.effects.power import power_before


@pytest.fixture
def table(tmp_path):
    seen().to_csv(tmp_path / "before.csv", index=False)
    return str(tmp_path / "before.csv")


def test_the_command_says_what_python_says(table, capsys):
    words = ["--target", "y", "--clusters", "shop", "--units", "4000", "--effect", "0.3", "--json"]
    assert main(["effects", "design", table, *words]) == 0
    told = json.loads(capsys.readouterr().out)
    found = power_before(table, target="y", clusters="shop", units=4000, effect=0.3)
    assert told["arms"][0]["detectable"] == found.arms[0].detectable
    assert told["before"]["explained"] == found.before.explained > 0.1


def test_in_words(table, capsys):
    assert main(["effects", "design", table, "--target", "y", "--units", "4000", "--ignore", "kind", "shop"]) == 0
    told = capsys.readouterr().out
    assert "4,000 units find an effect of" in told
    assert "Covariates explain" in told
    assert main(["effects", "design", "--units", "20000", "--mean", "0.1", "--effect", "0.01"]) == 0
    assert "takes 28,258 units" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--units", "100"], "Nothing is known about the outcome"),
        (["--units", "3", "--mean", "0.5"], "--units must be a whole number of at least 4"),
        (["--units", "100", "--mean", "7"], "--mean must lie in (0, 1)"),
        (["--units", "100", "--mean", "0.3", "--cluster-rows", "0"], "--cluster-rows"),
        (["--units", "100", "--mean", "0.3", "--link", "linear"], "--link says nothing"),
        (["--units", "100", "--mean", "nan", "--deviation", "1"], "--mean"),
    ],
)
def test_nonsense_is_told_in_one_line(words, told, capsys):
    assert main(["effects", "design", *words]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err.count("\n") == 1
    assert told in found.err


def test_a_table_tells_mean_and_deviation(table):
    with pytest.raises(tw.SettingError, match="come from the table"):
        power_before(table, target="y", units=100, mean=0.1)
