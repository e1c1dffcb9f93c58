"""What is refused before a server listens."""

import pytest

import thalweg as tw
from thalweg.base.errors import SettingError
from thalweg.cli.main import main
from thalweg.cli.tools.serve import _listening


def test_what_cannot_be_served_is_said(tmp_path, capsys):
    assert main(["serve", str(tmp_path / "nowhere")]) == 2
    assert "no finished run" in capsys.readouterr().err
    tw.fit_linear("example:longley", out=tmp_path / "run")
    assert main(["serve", str(tmp_path / "run")]) == 2
    assert "Serve a run of thalweg fit" in capsys.readouterr().err


@pytest.mark.parametrize("port", [-1, 99_999, 10**30])
def test_a_port_that_is_none_is_told_before_anything_listens(port):
    with pytest.raises(SettingError, match=rf"port {port} cannot be listened at: .* Choose another port"):
        _listening("127.0.0.1", port)


def test_a_port_that_is_taken_and_a_host_that_is_none_are_told():
    taken = pytest.raises(SettingError, match="cannot be listened at: Address already in use")
    with _listening("127.0.0.1", 0) as door, taken:
        _listening("127.0.0.1", door.getsockname()[1])
    with pytest.raises(SettingError, match="host 'no such host' and port 8000 cannot be listened at"):
        _listening("no such host", 8000)
