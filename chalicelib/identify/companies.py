"""Whether two names, or a name and a domain, are the same company's."""

from chalicelib.identify.folding import company_key
from chalicelib.identify.word_lists import words_of

# A beginning shorter than this is shared by strangers.
_LEAST = 4


def own_domain(text: str) -> str:
    """The host of a domain or web address, without www; "" for none, and for one that many share."""
    host = text.strip().casefold().partition("://")[2] or text.strip().casefold()
    host = host.partition("/")[0].partition(":")[0].removeprefix("www.").strip(".")
    return "" if "." not in host or host in words_of("free_mail", "domains") else host


def akin(one: str, other: str) -> bool:
    """Whether one name is the beginning of the other, legal forms aside: "Nord Tech GmbH" and "Nord Tech Systems". With
    the same domain they are one company; a holding and its works under one domain stay two."""
    first, second = sorted((company_key(one), company_key(other)), key=len)
    return len(first) >= _LEAST and second.startswith(first)
