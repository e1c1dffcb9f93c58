"""``thalweg serve``: a run as a small web service on this machine."""

import argparse
from collections.abc import Sequence
from typing import Any

from thalweg.cli.speaking import remark


def add_serve(commands: Any) -> None:
    """Add the command to what ``ArgumentParser.add_subparsers`` returned.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_serve(parser.add_subparsers(dest="command"))
    >>> parser.parse_args(["serve", "runs/first"]).port
    8000
    """
    text = "answer for a run over HTTP: JSON rows in, predictions with intervals out"
    parser = commands.add_parser("serve", help=text, description=f"{text.capitalize()}.")
    parser.set_defaults(run=_run, names={"model": "--model", "level": "--level"})
    parser.add_argument("folder", help="folder of a run of thalweg fit")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at; others than this let anyone ask")
    parser.add_argument("--port", type=int, default=8000, help="port to listen at (8000)")
    parser.add_argument("--model", help="one of the run's models (the recommended one)")
    parser.add_argument("--level", type=float, default=0.9, help="of intervals of a numeric outcome (0.9)")


def _run(options: argparse.Namespace, words: Sequence[str]) -> int:  # noqa: ARG001 - all commands are called alike
    from thalweg.answers.comparison import Run
    from thalweg.answers.loading import load
    from thalweg.answers.server import prediction_server
    from thalweg.base.errors import MissingExtraError, SettingError

    answer = load(options.folder)
    if not isinstance(answer, Run):
        raise SettingError(f"{options.folder} holds no comparison of models.", "Serve a run of thalweg fit.")
    application = prediction_server(answer, model=options.model, level=options.level)
    try:
        import uvicorn
    except ImportError as error:
        raise MissingExtraError(
            "A server is run by uvicorn.", "Install it with: pip install 'thalweg[serve]'"
        ) from error
    remark(f"Listening at http://{options.host}:{options.port}. Ctrl-C ends it.")
    uvicorn.run(application, host=options.host, port=options.port, log_level="warning")
    return 0
