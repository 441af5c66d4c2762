"""The service the attacks meet: people, a form, a seminar, an administrator signed in."""

from pathlib import Path

import pytest

from tests.handlers.desk import Desk, open_desk
from tests.stories.people import ADA


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path, ADA.rep_id)
