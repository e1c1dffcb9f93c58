from thalweg.base.wording import closest, listed


def test_few_names_are_all_listed_and_many_are_counted():
    assert listed(["a"]) == "'a'"
    assert listed(list("abcdef")) == "'a', 'b', 'c', 'd', 'e' and 1 more"


def test_near_names_are_found_whatever_their_capitals():
    assert closest("AGE", ["Age", "income"]) == "Did you mean 'Age'?"
    assert closest("incom", ["income", "income2"]) == "Did you mean 'income' or 'income2'?"


def test_where_nothing_is_near_all_are_told():
    assert closest("zzz", ["age", "income"]) == "The columns are 'age', 'income'."
