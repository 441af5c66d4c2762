"""Match keys: the few values under which a person is found again.

"e:" a personal mailbox, "p:" an E.164 number, "r:" a role address with the name of who used it, "n:" name and
company, by which a row without any contact point finds its person. A key is worth a write each (SPEC 5: at most
three), so what can be varied is varied when reading.
"""

from collections.abc import Sequence
from functools import lru_cache

from chalicelib.identify.emails import mailbox
from chalicelib.identify.folding import loose
from chalicelib.records.contact import Identity

WRITTEN = 3
READ = 8


@lru_cache(maxsize=4096)
def match_keys(identity: Identity) -> tuple[str, ...]:
    """The keys to write for this person: first e-mail, first phone, then one more of either, then name and company;
    else a role address with the name, then name and company. Empty only for somebody without a name or contact
    point."""
    emails, phones = identity.personal_emails, identity.phones
    if not (emails or phones):
        return _distinct([*_role_keys(identity), *_name_keys(identity)], WRITTEN)
    beside = _name_keys(identity) if _tells_somebody(identity) else []
    if len(emails) < 2 and len(phones) < 2:
        return (*_strong(emails, phones), *beside)
    return _distinct([*_strong(emails[:1], phones[:1]), *_strong(emails[1:], phones[1:]), *beside], WRITTEN)


def lookup_keys(identity: Identity) -> tuple[str, ...]:
    """The keys to read before deciding who this is: all that `match_keys` writes and the variants; name and company
    come last (`by_name`)."""
    if len(identity.emails) == len(identity.personal_emails) < 2 and len(identity.phones) < 2:
        return match_keys(identity)
    written = match_keys(identity)
    names = [key for key in written if key.startswith("n:")]
    strong = _strong(identity.personal_emails[:4], identity.phones[:4])
    found = [*(key for key in written if key not in names), *_role_keys(identity), *strong]
    return (*_distinct(found, READ - len(names)), *names)


def by_name(keys: Sequence[str]) -> int:
    """How many of the keys, at the end, find people by name and company beside better keys: whom they find counts
    only where the others leave room."""
    names = sum(key.startswith("n:") for key in keys[-1:])
    return names if len(keys) > names else 0


def every_key(identity: Identity) -> tuple[str, ...]:
    """All keys somebody may have been written under, whatever came first."""
    strong = _strong(identity.personal_emails, identity.phones)
    return tuple(dict.fromkeys([*strong, *_role_keys(identity, None), *_name_keys(identity)]))


def local_keys(identity: Identity) -> tuple[str, ...]:
    """The keys for an index in memory, where a key costs nothing: name and company for everybody, so that a
    row of a list without any contact point finds the same person's fuller row."""
    if identity.company_key:
        return (*match_keys(identity), *_name_keys(identity))
    return match_keys(identity)


def suppression_keys(identity: Identity) -> tuple[str, ...]:
    """Every value by which somebody who was erased would be known again: all of them, as nothing else is left. A
    phone ("p:") means the person only together with the name, since strangers share it."""
    contacts = [*_strong(identity.personal_emails, identity.phones), *_role_keys(identity)]
    return tuple(dict.fromkeys(contacts or _name_keys(identity)))


def _strong(emails: tuple[str, ...], phones: tuple[str, ...]) -> list[str]:
    return [f"e:{mailbox(email)}" for email in emails] + [f"p:{phone}" for phone in phones]


def _role_keys(identity: Identity, most: int | None = 2) -> list[str]:
    name = _name(identity.name_tokens)
    roles = [email for email in identity.emails if email not in identity.personal_emails]
    return [f"r:{email}|{name}" for email in roles[:most]]


def _tells_somebody(identity: Identity) -> bool:
    """Given and family name, or a name in Han, with a company: enough to know a row again that has nothing else."""
    tokens = identity.name_tokens
    return bool(identity.company_key) and (len(tokens) > 1 or not "".join(tokens).isascii())


def _name_keys(identity: Identity) -> list[str]:
    return [f"n:{_name(identity.name_tokens)}|{identity.company_key}"] if identity.name_tokens else []


@lru_cache(maxsize=4096)
def _name(tokens: tuple[str, ...]) -> str:
    return " ".join([loose(token) for token in tokens])


def _distinct(keys: list[str], limit: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))[:limit]
