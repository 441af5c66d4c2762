"""The environment: defaults, and one plain line for what cannot work."""

from pathlib import Path
from typing import Any

import pytest

from chalicelib.settings import BadSetting, Settings, read_settings


def test_an_empty_environment_is_the_default() -> None:
    assert read_settings({}) == Settings()


def test_what_is_set_is_taken() -> None:
    found = read_settings({"LEADLINE_DATA": "/x", "LEADLINE_PORT": "9000", "LEADLINE_PUBLIC_URL": "https://a.example/"})
    assert (found.data, found.port, found.address) == (Path("/x"), 9000, "https://a.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEADLINE_PORT", "eighty"),
        ("LEADLINE_PORT", "70000"),
        ("LEADLINE_PORT", "-1"),
        ("LEADLINE_PUBLIC_URL", "javascript:alert(1)"),
        ("LEADLINE_CURRENCY", "EURO"),
        ("LEADLINE_RATE_LIMITS", "maybe"),
        ("LEADLINE_ENGINE", "oracle"),
        ("LEADLINE_SMTP_PORT", "0"),
        ("LEADLINE_PROXIES", "many"),
        ("LEADLINE_ADMIN_EMAIL", "chief"),
        ("LEADLINE_SUPPRESSION_DAYS", "29"),
        ("LEADLINE_AUDIT_DAYS", "29"),
        ("LEADLINE_LINK_SECRETS", f"{'x' * 40},short"),
        ("LEADLINE_ADMIN_EMAIL", "a b@example.com"),
        ("LEADLINE_OIDC_ISSUER", "http://id.example.com"),
        ("LEADLINE_OIDC_ISSUER", "id.example.com"),
        ("LEADLINE_OIDC_ISSUER", "https://id.example.com"),
        ("LEADLINE_OIDC_CLIENT_ID", "alone"),
        ("LEADLINE_OIDC_SCOPES", "email profile"),
    ],
)
def test_a_value_that_cannot_work_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        read_settings({name: value})


OIDC = {
    "LEADLINE_OIDC_ISSUER": "https://id.example.com/",
    "LEADLINE_OIDC_CLIENT_ID": "leadline",
    "LEADLINE_OIDC_CLIENT_SECRET": "very secret",
}


def test_an_identity_provider_is_named_as_it_names_itself() -> None:
    found = read_settings(OIDC)
    assert (found.oidc_issuer, found.oidc_client_id) == ("https://id.example.com/", "leadline")
    assert found.oidc_scopes == "openid email profile"
    assert read_settings({**OIDC, "LEADLINE_OIDC_ISSUER": "http://127.0.0.1:9/x"}).oidc_issuer == "http://127.0.0.1:9/x"


def test_settings_that_are_shown_do_not_show_a_secret() -> None:
    assert "very secret" not in repr(read_settings(OIDC))


@pytest.mark.parametrize(
    ("settings", "mailed"),
    [
        ({}, True),
        ({"host": "0.0.0.0"}, False),
        ({"public_url": "https://a.example"}, False),
        ({"public_url": "https://a.example", "smtp_host": "mail"}, True),
        ({"public_url": "https://a.example", "engine": "dynamodb"}, True),
    ],
)
def test_links_are_mailed_where_mail_leaves_or_all_is_on_this_machine(settings: dict[str, Any], mailed: bool) -> None:
    assert Settings(**settings).mailed_links is mailed


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("::1", True), ("0.0.0.0", False)])
def test_only_loopback_addresses_are_this_machine(host: str, loopback: bool) -> None:
    assert Settings(host=host).loopback is loopback


ON_AWS = {
    "LEADLINE_ENGINE": "dynamodb",
    "LEADLINE_TABLE": "leadline-prod",
    "LEADLINE_BUCKET": "leadline-prod-123456789012-eu-central-1",
    "LEADLINE_QUEUE_PREFIX": "leadline-prod-",
    "LEADLINE_SECRET_PARAMETER": "/leadline/prod/secret",
    "AWS_REGION": "eu-central-1",
}


def test_on_aws_the_places_are_named_and_the_region_is_lambdas_own() -> None:
    found = read_settings(ON_AWS)
    assert (found.engine, found.table, found.queue_prefix) == ("dynamodb", "leadline-prod", "leadline-prod-")
    assert (found.region, found.secret_parameter, found.secret) == ("eu-central-1", "/leadline/prod/secret", "")
    assert read_settings(ON_AWS | {"LEADLINE_REGION": "cn-north-1"}).region == "cn-north-1"
    assert read_settings(ON_AWS | {"LEADLINE_SECRET": "x" * 32, "LEADLINE_SECRET_PARAMETER": ""}).secret == "x" * 32


def test_on_aws_nobody_is_on_this_machine_and_no_mail_stays_in_a_folder() -> None:
    found = read_settings(ON_AWS)
    assert not found.loopback
    assert not found.keeps_mail
    assert found.place == "the table leadline-prod"
    assert Settings().keeps_mail
    assert not Settings(smtp_host="mail.example.com").keeps_mail


@pytest.mark.parametrize("name", ["LEADLINE_TABLE", "LEADLINE_BUCKET", "LEADLINE_QUEUE_PREFIX", "AWS_REGION"])
def test_on_aws_a_place_that_is_not_named_is_refused(name: str) -> None:
    with pytest.raises(BadSetting, match=f"{name.replace('AWS', 'LEADLINE')} is not set"):
        read_settings({key: value for key, value in ON_AWS.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEADLINE_TABLE", "a b"),
        ("LEADLINE_BUCKET", "Upper"),
        ("LEADLINE_QUEUE_PREFIX", "x.y"),
        ("LEADLINE_REGION", "https://evil.example/"),
        ("LEADLINE_AWS_ENDPOINT", "ftp://x"),
        ("LEADLINE_CONFIGURATION_SET", "a b"),
        ("LEADLINE_SECRET_PARAMETER", ""),
        ("LEADLINE_SECRET", "short"),
        ("LEADLINE_FRESH_SECONDS", "soon"),
    ],
)
def test_on_aws_a_name_that_cannot_be_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        read_settings(ON_AWS | {name: value})


def test_the_secret_is_not_shown_where_settings_are() -> None:
    assert "x" * 32 not in repr(read_settings(ON_AWS | {"LEADLINE_SECRET": "x" * 32}))


def test_a_brands_colour_is_taken_when_people_can_read_it() -> None:
    found = read_settings({"LEADLINE_BRAND_COLOR": " #7A1F5C ", "LEADLINE_BRAND_COLOR_DARK": "#e0a0d0"})
    assert (found.brand_color, found.brand_color_dark) == ("#7a1f5c", "#e0a0d0")
    assert read_settings({"LEADLINE_BRAND_LOGO": "templates/brand/logo.svg"}).brand_logo == Path(
        "templates/brand/logo.svg"
    )


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("LEADLINE_BRAND_COLOR", "#ffcc00", "on the light pages has a contrast of 1.3, and WCAG AA asks for 4.5"),
        ("LEADLINE_BRAND_COLOR_DARK", "#7a1f5c", "on the dark pages has a contrast of 1.5"),
        ("LEADLINE_BRAND_COLOR", "purple", "a colour such as #0b5c73"),
        ("LEADLINE_BRAND_COLOR", "#fff;}body{display:none", "a colour such as #0b5c73"),
    ],
)
def test_a_colour_nobody_can_read_is_refused_and_the_nearest_that_can_be_is_named(
    name: str, value: str, why: str
) -> None:
    with pytest.raises(BadSetting, match=name) as refused:
        read_settings({name: value})
    assert why in str(refused.value)
    if "nearest" in str(refused.value):
        assert read_settings({name: str(refused.value).rpartition(" ")[2]})
