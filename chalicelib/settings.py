"""The environment, read in one place and checked at start. README lists every name."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class BadSetting(Exception):
    """A setting that cannot work, in one plain line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this deployment runs. `public_url` is what links in mail begin with; "" means the address served.

    `fresh_seconds` is how old the configuration may be that decisions are made with, 0 the engine's own choice. The
    engine on AWS needs `table`, `bucket`, `queue_prefix`, `region` and a secret, given or by its parameter's name."""

    engine: str = "embedded"
    data: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    brand: str = "Leadline"
    brand_color: str = ""
    brand_color_dark: str = ""
    brand_logo: Path | None = None
    sender: str = "Leadline <leadline@example.com>"
    postal_address: str = "Example Company, 1 Example Street, Example Town"
    base_currency: str = "EUR"
    rate_limits: bool = True
    proxies: int = 0
    keep_raw_days: int = 30
    audit_days: int = 1095
    admin_email: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_secret_parameter: str = ""
    oidc_name: str = ""
    oidc_scopes: str = "openid email profile"
    mail_per_second: float = 0.0
    mail_share: float = 1.0
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_password_parameter: str = ""
    smtp_starttls: bool = True
    fresh_seconds: float = 0.0
    suppression_days: int = 3650
    journal: Path | None = None
    link_secrets: tuple[str, ...] = field(default=(), repr=False)
    table: str = ""
    bucket: str = ""
    queue_prefix: str = ""
    region: str = ""
    aws_endpoint: str = ""
    configuration_set: str = ""
    mail_topic: str = ""
    secret_parameter: str = ""
    secret: str = field(default="", repr=False)

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the service: the condition of the sample sign-in."""
        return self.engine == "embedded" and self.host in ("127.0.0.1", "::1", "localhost")

    @property
    def journal_folder(self) -> Path:
        """Where the embedded engine's journal and its keys are."""
        return self.journal or self.data / "journal"

    @property
    def place(self) -> str:
        """Where the store is, for people."""
        return str(self.data) if self.engine == "embedded" else f"the table {self.table}"

    @property
    def keeps_mail(self) -> bool:
        """Whether mail goes into the mailbox folder instead of out."""
        return self.engine == "embedded" and not self.smtp_host

    @property
    def mailed_links(self) -> bool:
        """Whether a sign-in link can be mailed: mail leaves the house, or all of it is on this machine."""
        leaves = bool(self.smtp_host) or self.engine != "embedded"
        return leaves or (self.loopback and not self.public_url)

    @property
    def address(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from LEADLINE_* variables. Raises BadSetting naming the variable."""
    default = Settings()
    engine = _choice(environ, "LEADLINE_ENGINE", ("embedded", "dynamodb"))
    return Settings(
        engine=engine,
        data=Path(environ.get("LEADLINE_DATA") or default.data),
        host=environ.get("LEADLINE_HOST") or default.host,
        port=_whole(environ, "LEADLINE_PORT", default.port, 0, 65535),
        public_url=_url(environ, "LEADLINE_PUBLIC_URL"),
        brand=environ.get("LEADLINE_BRAND") or default.brand,
        brand_color=_colour(environ, "LEADLINE_BRAND_COLOR"),
        brand_color_dark=_colour(environ, "LEADLINE_BRAND_COLOR_DARK"),
        brand_logo=Path(environ["LEADLINE_BRAND_LOGO"]) if environ.get("LEADLINE_BRAND_LOGO") else None,
        sender=environ.get("LEADLINE_SENDER") or default.sender,
        postal_address=environ.get("LEADLINE_POSTAL_ADDRESS") or default.postal_address,
        base_currency=_currency(environ, "LEADLINE_CURRENCY", default.base_currency),
        rate_limits=_choice(environ, "LEADLINE_RATE_LIMITS", ("on", "off")) == "on",
        mail_per_second=float(_whole(environ, "LEADLINE_MAIL_PER_SECOND", 0, 0, 100_000)),
        mail_share=_whole(environ, "LEADLINE_MAIL_SHARE", 100, 1, 100) / 100,
        proxies=_whole(environ, "LEADLINE_PROXIES", default.proxies, 0, 9),
        keep_raw_days=_whole(environ, "LEADLINE_KEEP_RAW_DAYS", default.keep_raw_days, 1, 3650),
        audit_days=_whole(environ, "LEADLINE_AUDIT_DAYS", default.audit_days, 30, 36_500),
        admin_email=_email(environ, "LEADLINE_ADMIN_EMAIL"),
        **_oidc(environ, default),
        smtp_host=environ.get("LEADLINE_SMTP_HOST", ""),
        smtp_port=_whole(environ, "LEADLINE_SMTP_PORT", default.smtp_port, 1, 65535),
        smtp_user=environ.get("LEADLINE_SMTP_USER", ""),
        smtp_password=environ.get("LEADLINE_SMTP_PASSWORD", ""),
        smtp_starttls=_choice(environ, "LEADLINE_SMTP_STARTTLS", ("on", "off")) == "on",
        fresh_seconds=float(_whole(environ, "LEADLINE_FRESH_SECONDS", 0, 0, 3600)),
        suppression_days=_whole(environ, "LEADLINE_SUPPRESSION_DAYS", default.suppression_days, 30, 36_500),
        link_secrets=_link_secrets(environ),
        journal=Path(environ["LEADLINE_JOURNAL"]) if environ.get("LEADLINE_JOURNAL") else None,
        **(_on_aws(environ) if engine == "dynamodb" else {}),
    )


# What AWS lets a table, a bucket, a queue's beginning (the topic follows), a region, a set and a parameter be called.
_NAMES = {
    "LEADLINE_TABLE": r"[A-Za-z0-9_.-]{3,255}",
    "LEADLINE_BUCKET": r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "LEADLINE_QUEUE_PREFIX": r"[A-Za-z0-9_-]{1,64}",
    "LEADLINE_REGION": r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}",
    "LEADLINE_CONFIGURATION_SET": r"[A-Za-z0-9_-]{0,64}",
    "LEADLINE_MAIL_TOPIC": r"(arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256})?",
    "LEADLINE_OIDC_SECRET_PARAMETER": r"[A-Za-z0-9_./-]{0,1011}",
    "LEADLINE_SECRET_PARAMETER": r"[A-Za-z0-9_./-]{1,1011}",
    "LEADLINE_SMTP_PASSWORD_PARAMETER": r"[A-Za-z0-9_./-]{0,1011}",
}


def _on_aws(environ: Mapping[str, str]) -> dict[str, Any]:
    """What the engine on AWS needs. The region is Lambda's own where none is given."""
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or ""
    secret = environ.get("LEADLINE_SECRET", "")
    if secret and len(secret) < 32:
        raise BadSetting("LEADLINE_SECRET is shorter than 32 characters")
    return {
        "table": _name(environ, "LEADLINE_TABLE"),
        "bucket": _name(environ, "LEADLINE_BUCKET"),
        "queue_prefix": _name(environ, "LEADLINE_QUEUE_PREFIX"),
        "region": _name({"LEADLINE_REGION": region} | dict(environ), "LEADLINE_REGION"),
        "aws_endpoint": _url(environ, "LEADLINE_AWS_ENDPOINT"),
        "configuration_set": _name(environ, "LEADLINE_CONFIGURATION_SET"),
        "mail_topic": _name(environ, "LEADLINE_MAIL_TOPIC"),
        "oidc_secret_parameter": _name(environ, "LEADLINE_OIDC_SECRET_PARAMETER"),
        "smtp_password_parameter": _name(environ, "LEADLINE_SMTP_PASSWORD_PARAMETER"),
        "secret_parameter": "" if secret else _name(environ, "LEADLINE_SECRET_PARAMETER"),
        "secret": secret,
    }


def _name(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if re.fullmatch(_NAMES[name], value):
        return value
    if not value:
        raise BadSetting(f"{name} is not set; LEADLINE_ENGINE=dynamodb needs it")
    raise BadSetting(f"{name} is {value!r}; AWS allows no such name")


def _link_secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Newest first; what was signed with any of them is still read."""
    secrets = tuple(part.strip() for part in environ.get("LEADLINE_LINK_SECRETS", "").split(",") if part.strip())
    if any(len(secret) < 32 for secret in secrets):
        raise BadSetting("LEADLINE_LINK_SECRETS holds one shorter than 32 characters")
    return secrets


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


def _colour(environ: Mapping[str, str], name: str) -> str:
    """One that people can read on our pages: they are links, and buttons to press."""
    value = environ.get(name, "").strip().lower()
    if not value:
        return ""
    # Imported where there is one: nothing of it is a visitor's waiting time.
    from chalicelib.records import colour

    if not colour.is_colour(value):
        raise BadSetting(f"{name} is {value!r}; it must be a colour such as #0b5c73")
    dark = name.endswith("_DARK")
    found = colour.dark_contrast(value) if dark else colour.light_contrast(value)
    if found < colour.READABLE:
        nearest = colour.readable_on_dark(value) if dark else colour.readable_on_light(value)
        pages = "dark" if dark else "light"
        raise BadSetting(
            f"{name} is {value!r}: text in it on the {pages} pages has a contrast of {found:.1f}, and WCAG AA asks "
            f"for {colour.READABLE}; the nearest that has it is {nearest}"
        )
    return value


def _email(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    local, _, domain = value.rpartition("@")
    if value and (not local or "." not in domain or any(letter.isspace() for letter in value)):
        raise BadSetting(f"{name} is {value!r}; it must be one e-mail address")
    return value


def _oidc(environ: Mapping[str, str], default: Settings) -> dict[str, Any]:
    """The identity provider. Its issuer is taken as it is written: it is compared with what the provider says."""
    issuer = environ.get("LEADLINE_OIDC_ISSUER", "").strip()
    client_id = environ.get("LEADLINE_OIDC_CLIENT_ID", "").strip()
    scopes = " ".join((environ.get("LEADLINE_OIDC_SCOPES") or default.oidc_scopes).split())
    local = issuer.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))
    if issuer and not issuer.startswith("https://") and not local:
        raise BadSetting(f"LEADLINE_OIDC_ISSUER is {issuer!r}; it must begin with https://")
    if bool(issuer) != bool(client_id):
        raise BadSetting("LEADLINE_OIDC_ISSUER and LEADLINE_OIDC_CLIENT_ID must be set together")
    if "openid" not in scopes.split():
        raise BadSetting(f"LEADLINE_OIDC_SCOPES is {scopes!r}; openid must be among them")
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": client_id,
        "oidc_client_secret": environ.get("LEADLINE_OIDC_CLIENT_SECRET", ""),
        "oidc_name": environ.get("LEADLINE_OIDC_NAME", "").strip()[:60],
        "oidc_scopes": scopes,
    }


def _currency(environ: Mapping[str, str], name: str, default: str) -> str:
    value = (environ.get(name) or default).upper()
    if len(value) != 3 or not value.isascii() or not value.isalpha():
        raise BadSetting(f"{name} is {value!r}; it must be an ISO 4217 code such as EUR")
    return value
