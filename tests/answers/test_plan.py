import pytest

import thalweg as tw

LARGE = {"precision": "tf32", "rate": 80e12}
OFFERS = ["256xa100-40@aws", "1024xa100-40@aws", "1024xa100-40@aws:capacity block", "8xa100-40", "1024xmi300x"]


def large(on=OFFERS):
    return tw.plan.transformer(175e9, 300e9, on=on, **LARGE)


def test_the_cheapest_in_time_is_of_those_whose_upper_tenth_is_in_time():
    plan = large(OFFERS[:3])
    assert plan.cheapest("60d").price.kind == "capacity block"
    assert large(OFFERS[:2]).cheapest("365d").dollars.middle == min(row.dollars.middle for row in plan.rows[:2])
    between = (plan.rows[1].seconds.middle + plan.rows[1].seconds.high) / 2
    with pytest.raises(tw.SettingError, match=r"No row with a price has .* a deadline of 4\d d"):
        plan.cheapest(between)


def test_the_fastest_within_a_budget_is_of_those_whose_upper_tenth_is_within_it():
    plan = large(OFFERS[:3])
    assert plan.fastest(10e6).fleet.count == 1024
    assert plan.fastest(2.5e6).price.kind == "capacity block"
    with pytest.raises(tw.SettingError, match=r"within 100 dollars \(budget_usd\)"):
        plan.fastest(100)


@pytest.mark.parametrize("on", ["8xa100-40", "1024xmi300x"])
def test_what_does_not_fit_or_has_no_price_is_no_answer(on):
    plan = large([on])
    for ask in (lambda: plan.cheapest("9999d"), lambda: plan.fastest(1e12)):
        with pytest.raises(tw.SettingError, match="No row"):
            ask()


def test_a_rate_above_the_peak_is_no_answer():
    plan = tw.plan.flops(1e21, on="8xh100-sxm@aws", precision="fp32", rate=1e15)
    with pytest.raises(tw.SettingError, match="No row"):
        plan.cheapest("9999d")


def test_a_plan_without_devices_says_so():
    with pytest.raises(tw.SettingError, match="compares no devices"):
        tw.plan.deck().cheapest("1h")


@pytest.mark.parametrize("wrong", ["soon", 0, "10"])
def test_a_deadline_that_is_no_time_is_refused(wrong):
    with pytest.raises(tw.SettingError, match="deadline must be a length of time"):
        large().cheapest(wrong)
