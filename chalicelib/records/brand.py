"""What the company's pages for visitors look like, as far as somebody sets it in the console."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

LOGO = "logo"


@dataclass(frozen=True, slots=True)
class BrandLogo:
    """The logo that was uploaded, a few kilobytes, in place of the setting's. `kind` is its media type; `brand_id` is
    LOGO."""

    brand_id: str
    body: bytes
    kind: str
    changed_at: datetime
    changed_by: str = ""

    @property
    def tag(self) -> str:
        return tag_of(self.body)


def tag_of(body: bytes) -> str:
    """Another one for each other picture."""
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()[:12]).decode()
