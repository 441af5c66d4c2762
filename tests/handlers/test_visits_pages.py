"""What sites load to know where their visitors came from."""

from pathlib import Path

import pytest

from tests.handlers.desk import Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path, "")


def test_the_tracker_is_under_four_kilobytes_and_for_any_page(desk: Desk) -> None:
    answer = desk.get("/t.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "set-cookie" not in answer.headers
    assert 0 < len(answer.content) < 4_000
    again = desk.get("/t.js", **{"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
