import pytest

from thalweg.data.notes import CODES, Note, counted


def test_remarks_about_rules_are_no_warnings():
    quiet = {code for code in CODES if not Note(code, "").is_warning}
    assert {"task", "encoding", "missing", "missing_markers", "extra_columns"} <= quiet
    assert quiet.isdisjoint({"leakage", "extreme_values", "rare_class", "duplicated_rows"})


@pytest.mark.parametrize(("count", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1000, "1,000 rows")])
def test_counts(count, text):
    assert counted(count, "row") == text
