"""``thalweg serve``: a run as a small web service on this machine."""

import argparse
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from thalweg.cli.speaking import remark

if TYPE_CHECKING:
    import socket

_OWN: Final = ("127.0.0.1", "localhost")  # a web page that gives this machine another name is not answered

_LAST_PORT: Final = 65_535


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
    parser.set_defaults(run=_run, names={name: f"--{name}" for name in ("model", "level", "host", "port")})
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
    if options.host in _OWN:
        from starlette.middleware.trustedhost import TrustedHostMiddleware

        application.add_middleware(TrustedHostMiddleware, allowed_hosts=list(_OWN))
    with _listening(options.host, options.port) as door:
        remark(f"Listening at http://{options.host}:{door.getsockname()[1]}. Ctrl-C ends it.")
        with suppress(KeyboardInterrupt):
            uvicorn.Server(uvicorn.Config(application, log_level="warning")).run(sockets=[door])
    return 0


def _listening(host: str, port: int) -> "socket.socket":
    """Return a socket at an address and a port, or say why there is none."""
    import socket

    from thalweg.base.errors import SettingError, setting

    try:
        if not 0 <= port <= _LAST_PORT:
            raise ValueError(f"ports go from 0 to {_LAST_PORT:,}")
        [(family, *_, address), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return socket.create_server(address[:2], family=family)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        told = f"{setting('host')} {host!r} and {setting('port')} {port} cannot be listened at: {reason}."
        raise SettingError(told, f"Choose another {setting('port')}, or leave {setting('host')} out.") from error
