import datetime as dt

import pytest

from thalweg.data.files.duck import connected, result_frame


def test_gaps_keep_types_and_digits():
    with connected() as connection:
        frame = result_frame(
            connection.execute(
                "select 9007199254740993 as whole, true as truth, 'a' as text, date '2024-01-31' as day, 1.5 as number "
                "union all select null, null, null, null, null"
            )
        )
    assert frame["whole"].dropna().tolist() == [2**53 + 1]
    assert frame["truth"].tolist()[0] is True
    assert frame["day"].dt.date.iloc[0] == dt.date(2024, 1, 31)
    assert frame.isna().iloc[1].all()


def test_an_interrupt_that_duckdb_calls_an_error_is_an_interrupt_again():
    with pytest.raises(KeyboardInterrupt), connected():
        raise RuntimeError("Query interrupted")
    with pytest.raises(RuntimeError, match="another"), connected():
        raise RuntimeError("another")
