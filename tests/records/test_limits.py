"""Where nothing is limited, nobody is turned away and nothing is kept back, however often."""

from chalicelib.records.limits import UNLIMITED


def test_where_nothing_is_limited_everything_goes_through() -> None:
    for _ in range(1000):
        assert UNLIMITED.take("public-post", "somebody") == 0
        UNLIMITED.give_back("public-post", "somebody")
        UNLIMITED.seen("contact", True)
        assert UNLIMITED.alike("the same words again", "") == 0
        assert UNLIMITED.mailed("a mailbox", "a mail") == 0
    assert not UNLIMITED.attacked("contact")
    assert not UNLIMITED.watching
    assert UNLIMITED.turned_away() == 0
