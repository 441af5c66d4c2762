"""Cells of the CSV files we hand out: a spreadsheet must show them, never run them (CWE-1236)."""

import re

# The full-width forms are read as their ASCII twins by spreadsheets in East Asian locales.
_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_PHONE = re.compile(r"\+[\d \u00a0()\[\]./-]*\d[\d \u00a0()\[\]./-]*\Z")
_NUMBER = re.compile(r"-\d+(?:[.,]\d+)?%?\Z")


def neutral(cell: str) -> str:
    """The cell with a leading apostrophe if a spreadsheet could take it for a formula.

    Phone numbers ("+49 (170) 123-45") and plain negative numbers ("-12.50") stay as they are. Leading blanks do
    not hide a formula.
    """
    if not cell or (cell[0].isalnum() and cell[0] not in _STARTS):
        return cell
    if cell[0] not in _STARTS and cell.lstrip()[:1] not in _STARTS:
        return cell
    if cell[0] == "+" and _PHONE.match(cell):
        return cell
    if cell[0] == "-" and _NUMBER.match(cell):
        return cell
    return "'" + cell
