import shutil
import subprocess

import pytest

from thalweg.cli.main import build_parser, main
from thalweg.cli.tools.completion import script_of

BASH = shutil.which("bash")
WANTED = (
    (["thalweg", "fi"], {"fit"}),
    (["thalweg", "effects", "fi"], {"fit"}),
    (["thalweg", "fit", "t.csv", "--targ"], {"--target"}),
    (["thalweg", "study", "race", "--hidd"], {"--hidden"}),
    (["thalweg", "report", "--bund"], {"--bundle"}),
)


@pytest.mark.skipif(BASH is None, reason="no bash on this machine")
@pytest.mark.parametrize(("typed", "wanted"), WANTED, ids=lambda part: " ".join(part) if isinstance(part, list) else "")
def test_bash_completes_verbs_and_flags(typed, wanted):
    words = " ".join(f"'{word}'" for word in typed)
    ask = f"COMP_WORDS=({words}); COMP_CWORD={len(typed) - 1}; _thalweg; echo ${{COMPREPLY[*]}}"
    script = f"{script_of(build_parser())}\n{ask}"
    done = subprocess.run([BASH, "-c", script], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == wanted


def test_zsh_is_told_to_read_what_bash_reads(capsys):
    assert main(["completion", "zsh"]) == 0
    assert capsys.readouterr().out.startswith("autoload -U +X bashcompinit")
