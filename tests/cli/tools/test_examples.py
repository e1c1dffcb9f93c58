from thalweg.cli.main import build_parser, main
from thalweg.data.reading.examples import EXAMPLES


def test_every_table_is_listed_and_every_command_is_one(capsys):
    assert main(["examples"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {f"example:{name}" for name in EXAMPLES} <= {line.split(" ")[0] for line in lines}
    commands = [line.partition(": thalweg ")[2].split() for line in lines if ": thalweg " in line]
    assert len(commands) == 5
    for command in commands:
        assert build_parser().parse_args(command).command == command[0]
