import pytest

from chalicelib.follow_up.basis import basis_gap, promotional_basis


@pytest.mark.parametrize("country", ["", "DE", "US", "ZZ"])
@pytest.mark.parametrize(
    "recorded", ["", "  ", "none", "N/A", "No consent given", "keine Einwilligung", "未同意", "无"]
)
def test_without_a_recorded_ground_there_is_none_anywhere(country: str, recorded: str) -> None:
    assert promotional_basis(country, recorded) == ""
    assert basis_gap(country, recorded) == "no legal basis is recorded for this list"


@pytest.mark.parametrize("country", ["", "DE", "US", "CN", "ZZ"])
@pytest.mark.parametrize(
    "recorded", ["Consent at the stand, form v2", "opted in", "Einwilligung vom 3.11.", "本人同意接收"]
)
def test_consent_is_enough_everywhere_and_keeps_its_wording(country: str, recorded: str) -> None:
    assert promotional_basis(country, recorded) == recorded
    assert basis_gap(country, recorded) == ""


@pytest.mark.parametrize(
    ("recorded", "enough", "too_little"),
    [
        ("legitimate interest", ["GB", "FR", "us"], ["DE", "CN", "CA", ""]),
        ("soft opt-in", ["DE", "GB", "JP"], ["CN", "ZZ", ""]),
        ("existing customer", ["DE"], ["CN"]),
        ("contract 4711", ["US"], ["DE", "GB", ""]),
    ],
)
def test_lesser_grounds_are_enough_only_where_the_law_says_so(
    recorded: str, enough: list[str], too_little: list[str]
) -> None:
    assert [country for country in enough if promotional_basis(country, recorded) != recorded] == []
    assert [country for country in too_little if promotional_basis(country, recorded)] == []


def test_the_gap_names_the_country() -> None:
    assert basis_gap("de", "contract") == "the recorded basis is not enough in this country: DE"
    assert basis_gap(" ", "contract") == "the recorded basis is not enough in this country: unknown"


def test_one_sufficient_ground_among_several_is_enough() -> None:
    assert promotional_basis("DE", "contract and consent") == "contract and consent"


def test_a_text_that_names_no_known_ground_is_taken_at_its_word() -> None:
    assert promotional_basis("DE", " list of the\n organiser ") == "list of the organiser"
