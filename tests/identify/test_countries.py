import pytest

from chalicelib.identify.countries import country_code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Germany", "DE"),
        (" deutschland ", "DE"),
        ("Allemagne", "DE"),
        ("ドイツ", "DE"),
        ("德国", "DE"),
        ("德國", "DE"),
        ("de", "DE"),
        ("DEU", "DE"),
        ("Österreich", "AT"),
        ("Oesterreich", "AT"),
        ("España", "ES"),
        ("U.S.A.", "US"),
        ("The United States", "US"),
        ("美国", "US"),
        ("UK", "GB"),
        ("England", "GB"),
        ("P.R. China", "CN"),
        ("中國", "CN"),
        ("Hong Kong", "HK"),
        ("台灣", "TW"),
        ("Korea, Republic of", "KR"),
        ("Côte d’Ivoire", "CI"),
    ],
)
def test_a_country_is_known_by_its_names_and_codes(written: str, code: str):
    assert country_code(written) == code


@pytest.mark.parametrize("written", ["", "Atlantis", "XX", "EU", "+49", "the"])
def test_what_is_no_country_is_unknown(written: str):
    assert country_code(written) == ""
