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
        (b'{"rows": [{"\\ud800": 1}]}', "not JSON"),
        (b'{"rows": [{"GNP": 1}], "model": [1]}', "There is no model [1]"),
        (b'{"rows": [{"GNP": {"a": 1}}]}', "lack 5 columns"),
        (b'{"rows": [' + b",".join(b'{"%d": 1}' % k for k in range(1500)) + b"]}", "1,500 rows of 1,500 columns"),
    ],
)
def test_bad_questions_are_answered_in_words(client, body, words):
    found = client.post("/predict", content=body)
    assert found.status_code == 422
    assert words in found.json()["error"]


def test_an_unknown_model_and_a_wrong_level_are_named(client, rows):
    assert "no model" in client.post("/predict", json={"rows": rows, "model": "x"}).json()["error"]
    assert "level" in client.post("/predict", json={"rows": rows, "level": 2}).json()["error"]


def test_a_level_that_makes_no_sense_is_refused_at_the_start(run):
    with pytest.raises(tw.SettingError, match="level must lie in"):
        prediction_server(run, level=7)


def test_a_run_without_intervals_is_served_without_them(rows):
    ordered = tw.fit(
        "example:longley", time="YEAR", folds=3, seeds=2, networks=[{"hidden": [4]}], epochs=5, watch=False
    )
    said = testclient.TestClient(prediction_server(ordered)).post("/predict", json={"rows": rows})
    assert said.status_code == 200
    assert "low" not in said.json()["predictions"][0]


def test_a_request_has_an_end(client):
    assert client.post("/predict", content=b" " * (MOST_BYTES + 1)).status_code == 413
