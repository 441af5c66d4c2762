"""What a program's `Idempotency-Key` stands for."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MadeOnce:
    """`token` is a keyed hash of the API key, the address and the program's own key, `body` one of what was sent with
    it. `made_id` is the id of what is made of it: noted before it is made, so that who died in between makes the same
    one when asked again."""

    token: str
    body: str
    made_id: str
    at: datetime
