"""A run over HTTP gives what ``predict`` gives, and says what is wrong with a question."""

from concurrent.futures import ThreadPoolExecutor

import pytest

import thalweg as tw
from thalweg.answers.server import MOST_BYTES, prediction_server

testclient = pytest.importorskip("starlette.testclient")


@pytest.fixture(scope="module")
def run():
    return tw.fit("example:longley", folds=4, seeds=2, networks=[{"hidden": [4]}], epochs=20, watch=False)


@pytest.fixture(scope="module")
def client(run):
    return testclient.TestClient(prediction_server(run))


@pytest.fixture(scope="module")
def rows():
    return tw.read_table("example:longley").frame.head(3).to_dict("records")


def test_predictions_are_those_of_the_run_with_intervals(run, client, rows):
    said = client.post("/predict", json={"rows": rows}).json()
    wanted = run.predict({name: [row[name] for row in rows] for name in rows[0]}, level=0.9)
    assert said["model"] == run.recommended
    for name in ("prediction", "low", "high"):
        assert [one[name] for one in said["predictions"]] == pytest.approx(wanted[name].tolist(), rel=1e-12)


def test_many_threads_get_what_one_gets(client, rows):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda k: client.post("/predict", json={"rows": [rows[k % 3]]}).json(), range(12)))
    for k in range(12):
        assert found[k] == found[k % 3]


def test_health_schema_and_page(run, client):
    assert client.get("/health").json()["status"] == "ok"
    schema = client.get("/schema").json()
    assert {one["name"] for one in schema["columns"]} == set(run.predictor.encoder.inputs)
    assert schema["models"] == list(run.models)
    assert "How to ask" in client.get("/").text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"no json", "not JSON"),
        (b"[1]", "no object"),
        (b'{"rows": []}', "no rows"),
        (b'{"rows": [1]}', "no objects"),
        (b'{"rows": [{"GNP": 1}], "modle": "x"}', "no object of"),
        (b'{"rows": [{"GNP": 1}]}', "UNEMP"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_bad_questions_are_answered_in_words(client, body, words):
    found = client.post("/predict", content=body)
    assert found.status_code == 422
    assert words in found.json()["error"]


def test_an_unknown_model_and_a_wrong_level_are_named(client, rows):
    assert "no model" in client.post("/predict", json={"rows": rows, "model": "x"}).json()["error"]
    assert "level" in client.post("/predict", json={"rows": rows, "level": 2}).json()["error"]


def test_a_request_has_an_end(client):
    assert client.post("/predict", content=b" " * (MOST_BYTES + 1)).status_code == 413
