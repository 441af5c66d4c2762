import pytest

from chalicelib.capture.cells import neutral


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://evil","x")',
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        " =1+1",
        "＝1+1",
        "=cmd|' /C calc'!A0",
        "\n=1",
        "+",
        "-a",
        "+49=1",
    ],
)
def test_a_cell_a_spreadsheet_could_run_gets_an_apostrophe(cell: str) -> None:
    assert neutral(cell) == "'" + cell


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "Ann",
        "+49 170 123",
        "+49 (0) 30-123/45",
        "+86 138.0013.8000",
        "-12.50",
        "-3",
        "-5 %".replace(" ", ""),
        "(x)",
        "ä",
    ],
)
def test_phone_numbers_negative_numbers_and_plain_text_survive(cell: str) -> None:
    assert neutral(cell) == cell
