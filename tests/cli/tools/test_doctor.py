from importlib.metadata import PackageNotFoundError

from thalweg.base.version import __version__
from thalweg.cli.main import main
from thalweg.cli.tools import doctor


def test_it_names_versions_steps_and_extras(capsys):
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    for words in (__version__, "torch", "steps of training", "extra formats"):
        assert words in said


def test_what_is_missing_comes_with_the_command_that_brings_it(monkeypatch, capsys):
    import importlib.metadata

    real = importlib.metadata.version

    def version(name):
        if name == "pyreadstat":
            raise PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    rows = {row[0]: row for row in doctor._about_extras()}
    assert rows["extra formats"][1:] == ("without pyreadstat", "pip install 'thalweg[formats]'")
    assert "could be added" in (main(["doctor"]), capsys.readouterr().out)[1]
