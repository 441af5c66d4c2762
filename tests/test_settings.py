"""The environment: defaults, and one plain line for what cannot work."""

from pathlib import Path

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
    ],
)
def test_a_value_that_cannot_work_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        read_settings({name: value})


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("::1", True), ("0.0.0.0", False)])
def test_only_loopback_addresses_are_this_machine(host: str, loopback: bool) -> None:
    assert Settings(host=host).loopback is loopback
