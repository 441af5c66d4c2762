"""The environment, read in one place and checked at start. README lists every name."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class BadSetting(Exception):
    """A setting that cannot work, in one plain line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this deployment runs. `public_url` is what links in mail begin with; "" means the address served."""

    engine: str = "embedded"
    data: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    brand: str = "Leadline"
    sender: str = "Leadline <leadline@example.com>"
    postal_address: str = "Example Company, 1 Example Street, Example Town"
    base_currency: str = "EUR"
    rate_limits: bool = True
    mail_per_second: float = 50.0
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_starttls: bool = True

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the service: the condition of the sample sign-in."""
        return self.host in ("127.0.0.1", "::1", "localhost")

    @property
    def address(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from LEADLINE_* variables. Raises BadSetting naming the variable."""
    default = Settings()
    return Settings(
        engine=_choice(environ, "LEADLINE_ENGINE", ("embedded",)),
        data=Path(environ.get("LEADLINE_DATA") or default.data),
        host=environ.get("LEADLINE_HOST") or default.host,
        port=_whole(environ, "LEADLINE_PORT", default.port, 0, 65535),
        public_url=_url(environ, "LEADLINE_PUBLIC_URL"),
        brand=environ.get("LEADLINE_BRAND") or default.brand,
        sender=environ.get("LEADLINE_SENDER") or default.sender,
        postal_address=environ.get("LEADLINE_POSTAL_ADDRESS") or default.postal_address,
        base_currency=_currency(environ, "LEADLINE_CURRENCY", default.base_currency),
        rate_limits=_choice(environ, "LEADLINE_RATE_LIMITS", ("on", "off")) == "on",
        mail_per_second=float(_whole(environ, "LEADLINE_MAIL_PER_SECOND", 50, 1, 100_000)),
        smtp_host=environ.get("LEADLINE_SMTP_HOST", ""),
        smtp_port=_whole(environ, "LEADLINE_SMTP_PORT", default.smtp_port, 1, 65535),
        smtp_user=environ.get("LEADLINE_SMTP_USER", ""),
        smtp_password=environ.get("LEADLINE_SMTP_PASSWORD", ""),
        smtp_starttls=_choice(environ, "LEADLINE_SMTP_STARTTLS", ("on", "off")) == "on",
    )


def _choice(environ: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = environ.get(name) or allowed[0]
    if value not in allowed:
        raise BadSetting(f"{name} is {value!r}; it must be one of {', '.join(allowed)}")
    return value


def _whole(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise BadSetting(f"{name} is {text!r}; it must be a whole number from {low} to {high}")
    return int(text)


def _url(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").rstrip("/")
    if value and not value.startswith(("http://", "https://")):
        raise BadSetting(f"{name} is {value!r}; it must begin with https:// or http://")
    return value


def _currency(environ: Mapping[str, str], name: str, default: str) -> str:
    value = (environ.get(name) or default).upper()
    if len(value) != 3 or not value.isascii() or not value.isalpha():
        raise BadSetting(f"{name} is {value!r}; it must be an ISO 4217 code such as EUR")
    return value
