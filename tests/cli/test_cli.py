"""What the command line prints, where, and how fast it says hello."""

import io
import json
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from thalweg import __version__
from thalweg.cli.main import build_parser, main

SMALL = ["--folds", "3", "--seeds", "2", "--hidden", "4", "--learning-rate", "0.01", "--dropout", "0", "--epochs", "3"]
SMALL += ["--trees", "2"]


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "iris"
    assert main(["fit", "example:iris", *SMALL, "--out", str(folder), "--quiet"]) == 0
    return folder


def test_version_and_help_answer_without_torch():
    code = """if True:
        import sys
        from thalweg.cli.main import build_parser, main
        try: main(["--help"])
        finally: assert not {"torch", "numpy", "pandas", "html", "csv"} & set(sys.modules)
    """
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    version = subprocess.run(
        [sys.executable, "-m", "thalweg.cli.main", "--version"], check=True, capture_output=True, text=True
    )
    assert version.stdout == f"thalweg {__version__}\n"


def test_help_takes_no_more_than_starting_python_and_a_little():
    def seconds(words):
        started = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, capture_output=True)
        return time.perf_counter() - started

    bare = min(seconds(["-c", "import argparse, json, tomllib"]) for _ in range(3))
    ours = min(seconds(["-m", "thalweg.cli.main", "--help"]) for _ in range(3))
    assert ours < bare + 0.2


def test_no_command_shows_what_one_can_do_and_every_line_of_it_is_a_command(capsys):
    assert main([]) == 0
    said = capsys.readouterr().out
    commands = [line.strip().split()[1:] for line in said.splitlines() if line.startswith("    thalweg ")]
    assert len(commands) == 5
    for command in commands:
        build_parser().parse_args(command)
    assert max(map(len, said.splitlines())) <= 100


def test_an_unknown_option_exits_with_two():
    with pytest.raises(SystemExit) as stop:
        main(["fit", "example:iris", "--flods", "3"])
    assert stop.value.code == 2


def test_plain_output_names_verdict_models_and_files(tmp_path, capsys):
    assert main(["fit", "example:iris", *SMALL, "--out", str(tmp_path / "run")]) == 0
    printed = capsys.readouterr().out
    for words in ("softmax regression", "network ensemble", "class shares", "report.html", "95 % interval"):
        assert words in printed
    assert "\x1b" not in printed


def test_json_is_json_alone(capsys):
    assert main(["fit", "example:iris", *SMALL, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["leaderboard"]["reference"] == "softmax regression"
    assert answer["about"]["repeat"]["command"].startswith("thalweg fit example:iris")


def test_quiet_prints_the_verdict_alone(capsys):
    assert main(["fit", "example:iris", *SMALL, "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("\n") == 1
    assert captured.err == ""


def test_a_config_file_is_overridden_by_flags(tmp_path, capsys):
    config = tmp_path / "run.toml"
    config.write_text(
        'source = "example:iris"\nfolds = 4\nseeds = 1\nhidden = ["4", "4-4"]\nepochs = 2\ndropout = 0.0\n'
    )
    assert main(["fit", "--config", str(config), "--folds", "3", "--learning-rate", "0.01", "--json"]) == 0
    board = json.loads(capsys.readouterr().out)["leaderboard"]
    assert board["folds"] == 3
    names = [row["model"] for row in board["rows"]]
    assert {"network 4, rate 0.01", "network 4-4, rate 0.01"} <= set(names)


def test_predict_writes_csv(run_folder, tmp_path, capsys):
    new = tmp_path / "new.csv"
    columns = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
    pd.DataFrame([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]], columns=columns).to_csv(new, index=False)
    assert main(["predict", str(run_folder), str(new), "--model", "softmax regression"]) == 0
    frame = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert frame["prediction"].tolist() == ["setosa", "virginica"]
    np.testing.assert_allclose(frame.filter(like="probability").sum(axis=1), 1.0)


def test_predict_names_missing_columns(run_folder, tmp_path, capsys):
    new = tmp_path / "new.csv"
    new.write_text("a,b\n1,2\n")
    assert main(["predict", str(run_folder), str(new)]) == 2
    assert "petal width (cm)" in capsys.readouterr().err


def test_predict_names_the_models_there_are(run_folder, capsys):
    assert main(["predict", str(run_folder), "example:iris", "--model", "forest"]) == 2
    assert "softmax regression" in capsys.readouterr().err


def test_report_says_where_it_is(run_folder, capsys):
    assert main(["report", str(run_folder)]) == 0
    assert capsys.readouterr().out.strip().endswith("report.html")


def test_report_of_nothing(tmp_path, capsys):
    assert main(["report", str(tmp_path / "nowhere")]) == 2
    assert "holds no finished run" in capsys.readouterr().err


def test_a_finished_run_is_said_to_be_finished(run_folder, capsys):
    assert main(["fit", "example:iris", *SMALL, "--out", str(run_folder)]) == 0
    assert "already finished" in capsys.readouterr().err


def test_another_command_into_the_folder_is_refused_in_one_line(run_folder, capsys):
    assert main(["fit", "example:iris", *SMALL, "--seed", "9", "--out", str(run_folder)]) == 2
    message = capsys.readouterr().err
    assert "made by another command: its --seed is" in message
    assert message.count("\n") == 1
