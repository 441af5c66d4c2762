"""Contact points of one person from several cells or fields: the good ones, and what could not be read."""

import re
from collections.abc import Sequence

from chalicelib.capture.addresses import LOST_DIGITS, NOT_PHONE, phone_problem, read_email, written_out

_SHOWN = 80
NOT_EMAIL = "not an e-mail address"
PROBLEMS = {NOT_EMAIL: "email", NOT_PHONE: "phone", LOST_DIGITS: "phone"}
_BETWEEN_EMAILS = re.compile(r"[\s;,|/]+")
_NAMED_EMAIL = re.compile(r"[^<>@]*<([^<>\s]+)>")
_BETWEEN_PHONES = re.compile(r"\s*[;,\n|]\s*|\s+/\s+(?=[+0])")
_SEVERAL = re.compile(r"[;,\n|/]")
_SEVERAL_PRODUCTS = re.compile(r"[;|\n、；]")
_BETWEEN_PRODUCTS = re.compile(r"\s*[;|\n、；]\s*")


def read_emails(cells: Sequence[str], at: Sequence[int], extra: dict[str, str], warnings: list[str]) -> tuple[str, ...]:
    """The addresses in the cells at these places, each once. What is none goes to extra["email as given"]."""
    found: dict[str, str] = {}
    for index in at:
        text = cells[index]
        if not text:
            continue
        if email := read_email(text):
            if len(at) == 1:
                return (email,)
            found.setdefault(email.lower(), email)
        elif emails := _several_emails(text):
            for email in emails:
                found.setdefault(email.lower(), email)
        else:
            _keep("email", text, NOT_EMAIL, extra, warnings)
    return tuple(found.values())


def _several_emails(text: str) -> list[str]:
    """Every address of a cell, or none: half-read cells would hide that something is wrong."""
    if named := _NAMED_EMAIL.fullmatch(text):
        text = named[1]
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    emails = [read_email(part) for part in _BETWEEN_EMAILS.split(text) if part]
    return [email for email in emails if email] if all(emails) else []


def read_phones(cells: Sequence[str], at: Sequence[int], extra: dict[str, str], warnings: list[str]) -> tuple[str, ...]:
    """The numbers in the cells at these places as written, each once. What is none goes to extra["phone as given"]."""
    found: dict[str, None] = {}
    for index in at:
        text = cells[index]
        if not text:
            continue
        number = text[2:] if text[:2] == "p:" else text.removeprefix("tel:")  # Meta's export writes p:+49…
        if "E" in number or "e" in number:
            number = written_out(number)
        parts = _BETWEEN_PHONES.split(number) if _SEVERAL.search(number) else ()
        if len(parts) > 1 and not any(map(phone_problem, parts)):
            found |= dict.fromkeys(parts)
        elif problem := phone_problem(number):
            _keep("phone", text, problem, extra, warnings)
        else:
            found[number] = None
    return tuple(found)


def _keep(field: str, text: str, problem: str, extra: dict[str, str], warnings: list[str]) -> None:
    name = f"{field} as given"
    extra[name] = f"{extra[name]}; {text}" if name in extra else text
    warnings.append(f"{problem}: {text[:_SHOWN]}")


def read_products(cells: Sequence[str], at: Sequence[int]) -> tuple[str, ...]:
    """The products named in the cells at these places, each once, in order."""
    found: dict[str, None] = {}
    for index in at:
        text = cells[index]
        if text and _SEVERAL_PRODUCTS.search(text):
            found |= dict.fromkeys(filter(None, _BETWEEN_PRODUCTS.split(text)))
        elif text:
            found[text] = None
    return tuple(found)
