import thalweg as tw
from thalweg.cli.main import main


def test_what_cannot_be_served_is_said(tmp_path, capsys):
    assert main(["serve", str(tmp_path / "nowhere")]) == 2
    assert "no finished run" in capsys.readouterr().err
    tw.fit_linear("example:longley", out=tmp_path / "run")
    assert main(["serve", str(tmp_path / "run")]) == 2
    assert "Serve a run of thalweg fit" in capsys.readouterr().err
