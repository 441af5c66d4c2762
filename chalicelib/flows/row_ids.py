"""The ids of the people a list makes: the upload's id with the row in its last six places. Rising, and always the same
for the same row, so that an upload cut off half way knows its own people again."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_OF_UPLOAD = 20


def row_id(import_id: str, row: int) -> str:
    """The id of the lead a row makes."""
    tail = "".join(_CROCKFORD[row >> shift & 31] for shift in range(25, -1, -5))
    return import_id[:_OF_UPLOAD] + tail


def made_by_import(import_id: str, lead_id: str) -> bool:
    """Whether a row of the upload made the person."""
    return lead_id[:_OF_UPLOAD] == import_id[:_OF_UPLOAD]


def row_of(lead_id: str) -> int:
    """The row of an id that `row_id` made."""
    row = 0
    for sign in lead_id[_OF_UPLOAD:]:
        row = row * 32 + _CROCKFORD.index(sign)
    return row
