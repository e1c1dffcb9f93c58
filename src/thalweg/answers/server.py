"""A run as a small web service: JSON rows in, predictions with intervals out."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from thalweg.answers.comparison import Run
from thalweg.answers.ready import ReadyRun
from thalweg.base.checks import check_number
from thalweg.base.errors import MissingExtraError, SettingError, ThalwegError
from thalweg.base.machine.free_memory import memory_told
from thalweg.base.version import __version__
from thalweg.report.drawing.document import Facts, Page, Prose, Section, page_html
from thalweg.report.drawing.table import Column, Table

MOST_BYTES: Final = 10_000_000
MOST_VALUES: Final = 2_000_000  # rows times columns: a few bytes can ask for many of both
LEVEL: Final = 0.9


def prediction_server(run: Run, *, model: str | None = None, level: float | None = LEVEL) -> Any:
    """Return an application that answers for one run.

    ``POST /predict`` takes ``{"rows": [{…}, …]}``, with ``level`` and ``model`` if others are wanted, and gives
    ``{"predictions": [{…}, …], "notes": […], "model": …}``; ``GET /health``, ``GET /schema`` and ``GET /`` say that it
    lives, which columns it takes, and how to ask. One thread makes one prediction at a time and keeps networks
    planned.

    Parameters
    ----------
    run
        A finished comparison.
    model
        One of its models; None for the recommended one.
    level
        Of the intervals of a numeric outcome, where the model has any, unless a request says another; None for none.

    Returns
    -------
    starlette.applications.Starlette
        For any ASGI server; ``thalweg serve RUN`` runs it by uvicorn.

    Raises
    ------
    MissingExtraError
        If Starlette is not installed.
    SettingError
        If the run has no such model, or none at all, or the level is none.

    Examples
    --------
    >>> import thalweg as tw
    >>> run = tw.fit("example:longley", folds=4, seeds=2, networks=[{"hidden": [4]}], epochs=20)
    >>> [route.path for route in prediction_server(run).routes]
    ['/', '/health', '/schema', '/predict']
    """
    try:
        from starlette.applications import Starlette  # noqa: PLC0415 - an extra
        from starlette.responses import HTMLResponse  # noqa: PLC0415 - an extra
        from starlette.routing import Route  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(
            "A server is made by Starlette.", "Install it with: pip install 'thalweg[serve]'"
        ) from error
    _check(run, model)
    _check_level(level)
    chosen, ready, worker = model or run.recommended, ReadyRun(run), ThreadPoolExecutor(1, "thalweg-predict")
    schema = schema_of(run, chosen)

    def answered(body: bytes) -> dict[str, Any]:
        return _predicted(run, ready, _question(body), chosen, level)

    async def predict(request: Any) -> Any:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                return _reply({"error": f"A request has at most {MOST_BYTES:,} bytes. Send fewer rows."}, 413)
        try:
            return _reply(await asyncio.get_running_loop().run_in_executor(worker, answered, bytes(body)))
        except ThalwegError as error:
            return _reply({"error": str(error)}, 422)

    async def health(_: Any) -> Any:
        return _reply({"status": "ok", "model": chosen, "thalweg": __version__})

    async def describe(_: Any) -> Any:
        return _reply(schema)

    async def home(_: Any) -> Any:
        return HTMLResponse(page_html(_page(run, schema)))

    routes = [Route("/", home), Route("/health", health), Route("/schema", describe)]
    return Starlette(routes=[*routes, Route("/predict", predict, methods=["POST"])])


def _reply(plain: dict[str, Any], status: int = 200) -> Any:
    """Return plain values as JSON, escaped: names in a question may hold what no encoding has."""
    from starlette.responses import Response  # noqa: PLC0415 - an extra

    return Response(json.dumps(plain, allow_nan=False), status, media_type="application/json")


def schema_of(run: Run, model: str) -> dict[str, Any]:
    """Return what a run takes and gives: columns with their kinds and categories, task and models."""
    assert run.predictor is not None
    encoder = run.predictor.encoder
    columns = [
        {"name": name, "kind": encoder.kinds[name], "levels": list(encoder.levels(name))} for name in encoder.inputs
    ]
    return {
        "outcome": run.answer.about.outcome,
        "task": run.predictor.task,
        "classes": [str(name) for name in run.predictor.classes],
        "columns": columns,
        "model": model,
        "models": list(run.models),
    }


def _check(run: Run, model: object) -> None:
    if not run.models:
        raise SettingError("This run has no models that predict rows.", "Serve a run of thalweg fit.")
    if model is not None and model not in list(run.models):
        raise SettingError(f"There is no model {model!r} in this run.", f"Choose one of {', '.join(run.models)}.")


def _check_level(level: float | None) -> None:
    if level is not None:
        check_number("level", level, low=0.0, high=1.0, open_low=True, open_high=True)


def _question(body: bytes) -> dict[str, Any]:
    """Read a request, or say what it should be."""
    remedy = 'Send {"rows": [{"column": value, …}, …]}, and "level" or "model" if others are wanted.'
    try:
        asked = json.loads(body)
        json.dumps(asked, ensure_ascii=False).encode()  # half a sign has no place in a table
    except (ValueError, RecursionError) as error:
        raise SettingError("The request is not JSON.", remedy) from error
    if not isinstance(asked, dict) or not set(asked) <= {"rows", "level", "model"}:
        raise SettingError("The request is no object of rows, level and model.", remedy)
    rows = asked.get("rows")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise SettingError("The request has no rows, or rows that are no objects.", remedy)
    return asked


@memory_told("Send fewer rows.")
def _predicted(run: Run, ready: ReadyRun, asked: dict[str, Any], model: str, level: float | None) -> dict[str, Any]:
    chosen = asked.get("model") or model
    _check(run, chosen)
    names = dict.fromkeys(name for row in asked["rows"] for name in row)
    if len(names) * len(asked["rows"]) > MOST_VALUES:
        told = f"{len(asked['rows']):,} rows of {len(names):,} columns are more than {MOST_VALUES:,} values."
        raise SettingError(told, "Send fewer rows.")
    assert run.predictor is not None
    usual = level if chosen in run.predictor.left_out else None
    records, notes = ready.predict(asked["rows"], model=chosen, level=asked.get("level", usual))
    return {"predictions": records, "notes": [note.text for note in notes], "model": chosen}


def _page(run: Run, schema: dict[str, Any]) -> Page:
    heads = (Column("column"), Column("kind"), Column("categories"))
    rows = tuple((one["name"], one["kind"], ", ".join(one["levels"]) or None) for one in schema["columns"])
    ask = json.dumps({"rows": [dict.fromkeys((one["name"] for one in schema["columns"]), "…")]}, ensure_ascii=False)
    return Page(
        title=f"Predictions of {schema['outcome']}",
        heading=f"Predictions of {schema['outcome']}",
        facts=f"{run.answer.about.table} · {schema['task']} · {schema['model']}",
        label="What it answers",
        verdict=run.sentence,
        sections=(
            Section(
                "h-ask", "How to ask", (Facts({"POST /predict": ask, "GET /schema": "JSON", "GET /health": "JSON"}),)
            ),
            Section("h-columns", "Columns", (Table("columns", "What a row has.", heads, rows),)),
            Section("h-models", "Models", (Prose(", ".join(schema["models"])),)),
        ),
    )
