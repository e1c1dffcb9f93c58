import math
from dataclasses import replace

import pytest

from thalweg.select.scoring.difference import Difference
from thalweg.select.scoring.leaderboard import Leaderboard, Row
from thalweg.select.scoring.verdict import judge, verdict

LINEAR, NETWORK, BASELINE = "logistic regression", "network (chosen by validation loss)", "class shares"


def board(network=None, linear=(-0.5, -0.6, -0.4), task="binary", network_to_baseline=None):
    """Make a leaderboard from (estimate, low, high) of network − linear and linear − baseline."""
    metric = "log_loss" if task == "binary" else "rmse"
    differences = [Difference(LINEAR, BASELINE, metric, *linear, 0.95)]
    if network is not None:
        differences.append(Difference(NETWORK, LINEAR, metric, *network, 0.95))
        differences.append(Difference(NETWORK, BASELINE, metric, *(network_to_baseline or linear), 0.95))
    families = {NETWORK: "network", LINEAR: "linear", BASELINE: "baseline"}
    rows = tuple(Row(name, family, {}, 1, 0) for name, family in families.items())
    challenger = NETWORK if network is not None else ""
    return Leaderboard(task, metric, rows, LINEAR, BASELINE, challenger, tuple(differences), 5, 100, challenger)


def test_no_evidence_recommends_the_linear_model():
    made = board((-0.012, -0.027, 0.003))
    assert verdict(made) == (
        "The network's log loss is 0.012 lower than logistic regression's "
        "(95 % interval: 0.027 lower to 0.003 higher): the interval contains 0, so there is no evidence that "
        "the network is better; use logistic regression, the simpler model."
    )
    assert judge(made).recommended == LINEAR


def test_better_network():
    made = board((-0.012, -0.021, -0.003))
    assert verdict(made) == (
        "The network's log loss is 0.012 lower than logistic regression's (95 % interval: 0.003 to 0.021 lower): "
        "the interval excludes 0, so the network predicts better on tables like this one."
    )
    assert judge(made).recommended == NETWORK


def test_in_doubt_nothing_is_claimed_of_new_rows():
    doubts = ("'ward' knows the outcome", "rows repeat")
    made = board((-0.012, -0.021, -0.003))
    assert verdict(made, doubts) == (
        "The network's log loss is 0.012 lower than logistic regression's (95 % interval: 0.003 to 0.021 lower): "
        "the interval excludes 0, which shows nothing of new rows: 'ward' knows the outcome; rows repeat. Until "
        "that is settled, use logistic regression."
    )
    assert judge(made, doubts).recommended == LINEAR
    for other in (board((0.012, 0.003, 0.021)), board((-0.012, -0.027, 0.003)), board()):
        told = verdict(other, doubts)
        assert told.startswith(verdict(other))
        assert told.endswith("for new rows is in doubt: 'ward' knows the outcome; rows repeat.")
        assert judge(other, doubts).recommended == LINEAR


def test_worse_network():
    made = board((0.012, 0.003, 0.021))
    assert verdict(made) == (
        "The network's log loss is 0.012 higher than logistic regression's (95 % interval: 0.003 to 0.021 higher): "
        "the interval excludes 0, so logistic regression predicts better; use it, the simpler model."
    )
    assert judge(made).recommended == LINEAR


def test_worse_but_no_evidence_says_on_which_side_each_end_lies():
    assert "0.012 higher than logistic regression's (95 % interval: 0.003 lower to 0.027 higher)" in verdict(
        board((0.012, -0.003, 0.027))
    )


def test_a_difference_that_rounds_to_nothing_has_no_direction():
    assert "is the same as logistic regression's after rounding" in verdict(board((0.0003, -0.011, 0.012)))


@pytest.mark.parametrize("network", [(-0.1, -0.2, -0.05), (0.1, -0.2, 0.3), None])
def test_nothing_beats_the_baseline(network):
    made = board(network, linear=(-0.01, -0.05, 0.03), task="regression", network_to_baseline=(0.2, -0.1, 0.5))
    text = verdict(made)
    assert text.startswith(
        "Nothing here is shown to beat predicting the mean: logistic regression's RMSE is 0.010 lower"
    )
    assert ("the network's RMSE is 0.20 higher" in text) == (network is not None)
    assert judge(made) == judge(made).__class__("nothing", BASELINE)


def test_a_network_that_alone_beats_the_baseline_is_not_shown_better_than_the_linear_model():
    made = board((-0.1, -0.3, 0.1), linear=(-0.1, -0.3, 0.1), network_to_baseline=(-0.2, -0.3, -0.1))
    assert verdict(made).endswith("no evidence that the network is better; use logistic regression, the simpler model.")
    assert judge(made).recommended == LINEAR


def test_without_a_network_the_linear_model_is_judged():
    made = board(None)
    assert verdict(made) == (
        "Logistic regression's log loss is 0.50 lower than that of predicting the class shares "
        "(95 % interval: 0.40 to 0.60 lower): the interval excludes 0, so its features help to predict."
    )
    assert judge(made).case == "linear only"


def test_a_network_without_predictions_is_not_judged():
    made = board((math.nan,) * 3, network_to_baseline=(math.nan,) * 3)
    assert verdict(made).startswith("The network cannot be compared with logistic regression")
    assert judge(made).recommended == LINEAR


def test_fits_left_out_are_part_of_the_verdict():
    made = board((-0.012, -0.021, -0.003))
    rows = tuple(Row(r.model, r.family, {}, 5, 3 if r.family == "network" else 0) for r in made.rows)
    text = verdict(replace(made, rows=rows))
    assert text.endswith("this one. 3 of the network's 25 fits gave no finite predictions and are left out.")


def test_names_ending_in_s_take_an_apostrophe_alone():
    made = board((-0.012, -0.021, -0.003))
    differences = tuple(replace(d, reference="least squares") for d in made.differences if d.reference == LINEAR)
    rows = (*made.rows, Row("least squares", "linear", {}, 1, 0))
    text = verdict(replace(made, rows=rows, reference="least squares", baseline="", differences=differences))
    assert "lower than least squares' (95 %" in text


BOOSTING = "gradient boosting"


def three(network, boosting, between=(0.0, -0.01, 0.01), linear=(-0.5, -0.6, -0.4), **others):
    """Add gradient boosting to a leaderboard, from its differences to the linear model and to the network."""
    made = board(network, linear)
    added = [
        Difference(BOOSTING, LINEAR, "log_loss", *boosting, 0.95),
        Difference(BOOSTING, BASELINE, "log_loss", *others.get("boosting_to_baseline", (-0.5, -0.6, -0.4)), 0.95),
        Difference(NETWORK, BOOSTING, "log_loss", *between, 0.95),
    ]
    rows = (*made.rows, Row(BOOSTING, "boosting", {}, 1, 0))
    return replace(made, rows=rows, differences=(*made.differences, *added), boosting=BOOSTING)


BETTER, UNCLEAR, WORSE = (-0.012, -0.021, -0.003), (-0.004, -0.012, 0.004), (0.012, 0.003, 0.021)


def test_of_three_the_linear_model_is_used_if_no_other_is_shown_better():
    made = three(UNCLEAR, WORSE)
    assert verdict(made) == (
        "The network's log loss is 0.004 lower than logistic regression's (95 % interval: 0.012 lower to 0.004 "
        "higher): the interval contains 0, so there is no evidence that the network is better. Gradient boosting's log "
        "loss is 0.012 higher than logistic regression's (95 % interval: 0.003 to 0.021 higher): the interval excludes "
        "0, so logistic regression predicts better. Use logistic regression, the simplest model."
    )
    assert judge(made).recommended == LINEAR


@pytest.mark.parametrize(
    ("network", "boosting", "between", "case", "use", "says"),
    [
        (BETTER, UNCLEAR, UNCLEAR, "better", NETWORK, "Use the network."),
        (UNCLEAR, BETTER, UNCLEAR, "better", BOOSTING, "Use gradient boosting."),
        (BETTER, BETTER, BETTER, "better", NETWORK, "0.003 to 0.021 lower): use the network."),
        (BETTER, BETTER, WORSE, "better", BOOSTING, "0.003 to 0.021 higher): use gradient boosting."),
        (BETTER, BETTER, UNCLEAR, "tied", BOOSTING, "cannot be told apart, so use gradient boosting, the simpler."),
        (WORSE, WORSE, UNCLEAR, "worse", LINEAR, "Use logistic regression, the simplest model."),
    ],
)
def test_which_of_three_is_used(network, boosting, between, case, use, says):
    made = three(network, boosting, between)
    assert judge(made).case == case
    assert judge(made).recommended == use
    assert verdict(made).endswith(says)


def test_in_doubt_neither_network_nor_boosting_is_claimed_better():
    made = three(BETTER, BETTER)
    told = verdict(made, ["rows repeat"])
    assert "predicts better" not in told
    assert told.endswith("Rows repeat. Until that is settled, use logistic regression.")
    assert judge(made, ["rows repeat"]).recommended == LINEAR


def test_boosting_that_alone_beats_the_baseline_is_not_shown_better_than_the_linear_model():
    made = three(UNCLEAR, UNCLEAR, linear=(-0.1, -0.3, 0.1))
    assert judge(made).recommended == LINEAR


def test_boosting_alone_is_judged_as_a_network_would_be():
    made = replace(three(BETTER, BETTER), challenger="", network="")
    assert verdict(made) == (
        "Gradient boosting's log loss is 0.012 lower than logistic regression's (95 % interval: 0.003 to 0.021 lower): "
        "the interval excludes 0, so gradient boosting predicts better on tables like this one."
    )
    assert judge(made).recommended == BOOSTING
