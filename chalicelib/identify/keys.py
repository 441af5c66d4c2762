"""Match keys: the few values under which a person is found again.

"e:" a personal mailbox, "p:" an E.164 number, "r:" a role address with the name of who used it, "n:" name and
company of somebody who gave neither e-mail nor phone. A key is worth a write each (SPEC 5: at most three), so
what can be varied is varied when reading.
"""

from functools import lru_cache

from chalicelib.identify.emails import mailbox
from chalicelib.identify.folding import loose
from chalicelib.records.contact import Identity

WRITTEN = 3
READ = 8


def match_keys(identity: Identity) -> tuple[str, ...]:
    """The keys to write for this person: first e-mail, first phone, then one more of either; else a role
    address with the name; else name and company. Empty only for somebody without a name or contact point."""
    emails, phones = identity.personal_emails, identity.phones
    if len(emails) < 2 and len(phones) < 2 and (emails or phones):
        return tuple([f"e:{mailbox(email)}" for email in emails] + [f"p:{phone}" for phone in phones])
    if emails or phones:
        return _distinct([*_strong(emails[:1], phones[:1]), *_strong(emails[1:], phones[1:])], WRITTEN)
    return _distinct([*_role_keys(identity), *_name_keys(identity)], WRITTEN)


def lookup_keys(identity: Identity) -> tuple[str, ...]:
    """The keys to read before deciding who this is: all that `match_keys` writes and the variants."""
    if len(identity.emails) == len(identity.personal_emails) < 2 and len(identity.phones) < 2:
        return match_keys(identity)
    strong = _strong(identity.personal_emails[:4], identity.phones[:4])
    return _distinct([*match_keys(identity), *_role_keys(identity), *strong], READ)


def local_keys(identity: Identity) -> tuple[str, ...]:
    """The keys for an index in memory, where a key costs nothing: name and company for everybody, so that a
    row of a list without any contact point finds the same person's fuller row."""
    if identity.company_key:
        return (*match_keys(identity), *_name_keys(identity))
    return match_keys(identity)


def _strong(emails: tuple[str, ...], phones: tuple[str, ...]) -> list[str]:
    return [f"e:{mailbox(email)}" for email in emails] + [f"p:{phone}" for phone in phones]


def _role_keys(identity: Identity) -> list[str]:
    name = _name(identity.name_tokens)
    roles = [email for email in identity.emails if email not in identity.personal_emails]
    return [f"r:{email}|{name}" for email in roles[:2]]


def _name_keys(identity: Identity) -> list[str]:
    return [f"n:{_name(identity.name_tokens)}|{identity.company_key}"] if identity.name_tokens else []


@lru_cache(maxsize=4096)
def _name(tokens: tuple[str, ...]) -> str:
    return " ".join([loose(token) for token in tokens])


def _distinct(keys: list[str], limit: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))[:limit]
