"""Seconds of processor time to predict one row and a thousand, beside scikit-learn and onnxruntime.

Run: OMP_NUM_THREADS=1 python -P benchmarks/latency.py > benchmarks/results/latency.md
"""

import platform
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

import numpy as np
from sklearn.neural_network import MLPRegressor

from thalweg.estimators import LinearRegressor, NetRegressor, save_onnx

REPEATS, WARM = 9, 30


def seconds(call: Callable[[], object], calls: int) -> float:
    """Return the median over blocks of calls, in processor time: other programs of the machine do not count."""
    for _ in range(WARM):
        call()
    found = []
    for _ in range(REPEATS):
        began = time.process_time()
        for _ in range(calls):
            call()
        found.append((time.process_time() - began) / calls)
    return median(found)


def onnx_call(model: NetRegressor, x: np.ndarray) -> Callable[[], object] | None:
    """Return a prediction by onnxruntime; None where it is not installed."""
    try:
        import onnxruntime
    except ImportError:
        return None
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(save_onnx(model, Path(folder) / "model.onnx"), options)
    return lambda: session.run(None, {"x": x})


def served() -> None:
    """Print what one row of JSON takes in a run that is ready, and as a request to the application."""
    import asyncio
    import json

    import pandas as pd

    import thalweg as tw
    from thalweg.answers.ready import ReadyRun
    from thalweg.answers.server import prediction_server

    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.standard_normal((300, 9)), columns=[f"x{k}" for k in range(9)])
    frame = frame.assign(ward=rng.choice(["a", "b"], 300), y=frame["x0"] + rng.standard_normal(300))
    small = {"folds": 3, "seeds": 5, "networks": [{"hidden": [64]}], "epochs": 5, "workers": 1, "watch": False}
    run = tw.fit(frame, target="y", **small)
    row = frame.drop(columns="y").to_dict("records")[:1]
    ready = ReadyRun(run)
    print("\n| a run, one row of 10 columns, with an interval | ready, µs | a request to the application, µs |")
    print("|---|---:|---:|")
    for model in run.models:
        body = json.dumps({"rows": row, "model": model}).encode()
        application, loop = prediction_server(run, model=model), asyncio.new_event_loop()

        async def request(application=application, body=body) -> None:
            async def receive() -> dict[str, object]:
                return {"type": "http.request", "body": body, "more_body": False}

            async def send(_: object) -> None:
                return None

            scope = {"type": "http", "method": "POST", "path": "/predict", "headers": [], "query_string": b""}
            await application(scope, receive, send)

        own = seconds(lambda model=model: ready.predict(row, model=model, level=0.9), 100) * 1e6
        whole = seconds(lambda loop=loop, request=request: loop.run_until_complete(request()), 100) * 1e6
        print(f"| {model} | {own:.0f} | {whole:.0f} |")


def main() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1000, 10))
    y = x[:, 0] + rng.standard_normal(1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = MLPRegressor(hidden_layer_sizes=(64,), max_iter=5, random_state=0).fit(x, y)
    line = LinearRegressor().fit(x, y)
    one, five = (NetRegressor(hidden=(64,), seeds=seeds, epochs=5, workers=1).fit(x, y) for seeds in (1, 5))
    rows = [
        ("scikit-learn MLPRegressor", lambda part: lambda: peer.predict(part)),
        ("LinearRegressor", lambda part: lambda: line.predict(part)),
        ("NetRegressor, 1 network", lambda part: lambda: one.predict(part)),
        ("NetRegressor, 5 networks", lambda part: lambda: five.predict(part)),
        ("1 network in onnxruntime", lambda part: onnx_call(one, part)),
        ("5 networks in onnxruntime", lambda part: onnx_call(five, part)),
    ]
    print(
        f"# Latency\n\n{datetime.now(UTC).date()}, {platform.machine()}, one thread; hidden layer of 64, 10 features."
    )
    names = ("scikit-learn", "torch", "numpy")
    print(f"{', '.join(f'{name} {version(name)}' for name in names)}. Processor time, median of {REPEATS} blocks.\n")
    print("| model | 1 row, µs | of the MLP's | 1000 rows, µs | of the MLP's |\n|---|---:|---:|---:|---:|")
    base: list[float] = []
    for name, maker in rows:
        calls = [maker(x[:1]), maker(x)]
        if None in calls:
            continue
        found = [seconds(call, count) * 1e6 for call, count in zip(calls, (200, 40), strict=True)]
        base = base or found
        cells = [f"{value:.0f} | {value / peers:.2f}" for value, peers in zip(found, base, strict=True)]
        print(f"| {name} | {' | '.join(cells)} |")
    served()


if __name__ == "__main__":
    main()
