"""What comes in by form, API or scan once it is read, and what whoever sent it is told."""

from dataclasses import dataclass, field

from chalicelib.records.arrival import RawPost
from chalicelib.records.contact import Contact
from chalicelib.records.form import Form, NewsAnswer
from chalicelib.records.touch import Source, TouchKind


class TokenReused(Exception):
    """The same one-time token came with another body. The first answer is not repeated to whoever sent it."""


class TooBusy(Exception):
    """Others kept writing the same records first; nothing was stored, the caller may try again."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A valid submission. `token` is the caller's one-time token with its namespace, or ""; `visitor` tells
    visitors apart where there is no token (hashed before it is stored). `post` is what was sent, and `suspicions`
    why it is to be looked at first. `receipt` is the token of the receipt it has already. `claimed_at` is the sender's
    own time, which is kept with the touch and does not make another submission. `visits_of` is whose earlier visits
    may be told with it. What asks for nothing (`asks`) only says who somebody is: nobody has to answer it. `news` is
    what was said to news and offers, None where nobody asked."""

    contact: Contact
    kind: TouchKind
    token: str = ""
    visitor: str = ""
    form: Form | None = None
    campaign_id: str = ""
    source: Source = field(default_factory=Source)
    language: str = "en"
    details: dict[str, str] = field(default_factory=dict)
    subject: str = ""
    post: RawPost | None = None
    suspicions: tuple[str, ...] = ()
    receipt: str = ""
    claimed_at: str = ""
    visits_of: str = ""
    asks: bool = True
    news: NewsAnswer | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller is told, the same for every repetition. `receipt` is the receipt's token. Of what is quarantined
    there is no lead and no touch yet."""

    lead_id: str
    touch_id: str
    request_id: str
    known: bool
    receipt: str = ""
    repeated: bool = False
