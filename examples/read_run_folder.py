"""What a run leaves behind, read without thalweg: JSON, CSV, Parquet and safetensors.

Run it with ``python examples/read_run_folder.py``.
"""

import json
import tempfile
from pathlib import Path

import duckdb
from safetensors.numpy import load_file

import thalweg as tw

HARDEST_ROWS = """
    select row, outcome, avg(prediction) as prediction, stddev(prediction) as seed_sd
    from read_parquet($path)
    where model = 'network (chosen by validation loss)'
    group by row, outcome
    order by abs(avg(prediction) - outcome) desc
    limit 5
"""


def read(folder: Path) -> None:
    answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    print(answer["verdict"])
    for row in answer["leaderboard"]["rows"]:
        print(f"{row['model']:40} RMSE {row['scores']['rmse']['value']:.2f}")

    predictions = str(folder / "predictions.parquet")
    print(duckdb.execute(HARDEST_ROWS, {"path": predictions}).df().round(1).to_string(index=False))

    weights = load_file(folder / "weights.safetensors")
    print({name: tensor.shape for name, tensor in weights.items() if name.startswith("network/0/")})


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "diabetes"
        networks = [{"hidden": [16], "learning_rate": 0.01}]
        tw.fit("example:diabetes", out=folder, folds=3, seeds=3, networks=networks, epochs=60)
        read(folder)
        run = tw.load(folder)
        print(run.predict("example:diabetes", model="network ensemble").head(3).round(1).to_string(index=False))


if __name__ == "__main__":  # worker processes may import this file
    main()
