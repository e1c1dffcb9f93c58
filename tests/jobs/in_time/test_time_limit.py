from thalweg.jobs.in_time.time_limit import TimeLimit


def test_time_is_left_for_what_follows_the_training():
    assert TimeLimit(60.0, 1000.0).moment == 1057.7
    assert TimeLimit(0.2, 1000.0).moment < 1000.0


def test_how_to_go_on_depends_on_whether_anything_is_kept():
    assert TimeLimit(600.0, 0.0).told("ended it.", kept=True) == (
        "The time limit of 10 min ended it. Give the same command again to go on."
    )
    assert "With a folder (out)" in TimeLimit(600.0, 0.0).told("ended it.", kept=False)
