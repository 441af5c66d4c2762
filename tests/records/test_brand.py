from datetime import UTC, datetime

from chalicelib.records.brand import LOGO, BrandLogo, tag_of

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_another_picture_has_another_mark_and_the_same_one_the_same() -> None:
    one, other = (BrandLogo(LOGO, body, "image/png", NOW, "mara") for body in (b"one", b"other"))
    assert one.tag == tag_of(b"one") != other.tag
    assert one.tag.replace("-", "").replace("_", "").isalnum()
