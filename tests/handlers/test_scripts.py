"""Scripts of one page do not share names: what one calls `look`, another may too."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LOADED = re.compile(r'<script src="/assets/([a-z_]+\.js)"([^>]*)>')
NAMES = re.compile(r"^(?:async )?(?:function|const|let|var|class)\b", re.MULTILINE)


def test_a_script_with_names_of_its_own_is_a_module() -> None:
    found = [
        match for page in (TEMPLATES / "pages").glob("*.html") for match in LOADED.findall(page.read_text("utf-8"))
    ]
    assert len(found) > 5
    for name, attributes in found:
        alone = not NAMES.search((TEMPLATES / "assets" / name).read_text("utf-8"))
        assert alone or 'type="module"' in attributes, name
