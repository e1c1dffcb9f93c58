import pytest

from thalweg.data.cells.styles import cut, is_identifier, number_in, plain_number, recognise, recognise_dates


@pytest.mark.parametrize(
    ("text", "form", "unit", "number"),
    [
        ("1,234.5", "1,234.5", "", 1234.5),
        ("12,34,567", "1,234.5", "", 1234567.0),
        ("1.234,5 €", "1.234,5", "€", 1234.5),
        ("CHF 1'200.50", "1'234.5", "CHF", 1200.5),
        ("($14,772.00)", "1,234.5", "$", -14772.0),
        ("−5 °C", "1,234.5", "°C", -5.0),
        ("5-", "1,234.5", "", -5.0),
        (",5", "1.234,5", "", 0.5),
        ("0,123", "1,234.5", "", None),
        ("1,23", "1,234.5", "", None),
        ("5 kg", "1,234.5", "g", None),
    ],
)
def test_numbers_in_a_form(text, form, unit, number):
    assert number_in(text, form, unit) == number


@pytest.mark.parametrize("text", ["(5", "5)", "--5", "-(5)", "A5", "5A", "5th", "1-2", "5 am", "", "-", "1.2.3.x"])
def test_other_texts_are_cut_into_nothing(text):
    assert cut(text) is None


def test_several_forms_stay_several_only_if_they_disagree():
    assert recognise(["1.5", "800"]).forms == ("1,234.5",)
    assert recognise(["14 772", "1 000 000"]).forms == ("1 234.5",)
    assert recognise(["1.234", "5.678"]).forms == ("1,234.5", "1.234,5")
    assert recognise(["red", "5"] * 40).forms == ()


def test_plain_numbers_and_identifiers():
    assert plain_number("1e-3") == 1e-3
    assert [plain_number(text) for text in ("1_0", "0x1", "nan", "1,5", "٣")] == [None] * 5
    assert [is_identifier(text) for text in ("00", "-01", "0", "0.5", str(2**53), str(2**53 + 1))] == [
        True,
        True,
        False,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("texts", "forms"),
    [
        (["31.12.2024", "01.02.2024 10:30"], ("%d.%m.%Y",)),
        (["12/31/2024"], ("%m/%d/%Y",)),
        (["5 Jan 2024"], ("%d %b %Y",)),
        (["March 5, 2024"], ("%B %d, %Y",)),
        (["2024/01/02"], ("%Y/%m/%d",)),
        (["2024-05", "2023-12"], ("%Y-%m",)),
        (["12/2024"], ("%m/%Y",)),
        (["Jan 2024", "Mar 1999"], ("%b %Y",)),
        (["January 2024"], ("%B %Y",)),
        (["2024-13"], ()),
        (["1234-05"], ()),
        (["31.12.24"], ()),
        (["31.12.2024", "soon"], ()),
    ],
)
def test_dates_in_other_orders(texts, forms):
    assert recognise_dates(texts) == forms
