"""What a badge, a QR code or a printed card says."""

from dataclasses import dataclass

CARD_LIMIT = 64 * 1024  # a QR code holds 4,296 characters at most (ISO/IEC 18004); a .vcf may carry a picture


@dataclass(frozen=True, slots=True)
class Card:
    """One card as read. `kind` is vcard, mecard, bizcard, url, id or text; `raw` is the whole code as scanned.

    `emails`, `phones` (no fax numbers) and `urls` are as written, best first, not yet checked.
    """

    kind: str
    given_name: str = ""
    family_name: str = ""
    full_name: str = ""
    company: str = ""
    title: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    address: str = ""
    note: str = ""
    badge_id: str = ""
    department: str = ""
    raw: str = ""
