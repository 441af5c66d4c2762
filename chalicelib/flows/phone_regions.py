"""National numbers of a list's rows, read by what stands nearest: the row's country, its other numbers, the list's."""

from dataclasses import replace

from chalicelib.identify.phones import e164, region_of
from chalicelib.records.contact import Contact


def with_regions(contact: Contact, home: str) -> Contact:
    """The contact with its national numbers in E.164 where the row names no country but one of its other numbers has
    one, or the list has (`home`, ISO alpha-2 or ""). What is possible nowhere stays as written."""
    if contact.country or not contact.phones or all(map(_has_code, contact.phones)):
        return contact
    region = _region_beside(contact.phones) or home
    if not region:
        return contact
    return replace(contact, phones=tuple(_read(phone, region) for phone in contact.phones))


def _has_code(phone: str) -> bool:
    return phone.startswith(("+", "00"))


def _region_beside(phones: tuple[str, ...]) -> str:
    numbers = [number for phone in phones if _has_code(phone) for number in e164(phone)]
    return region_of(numbers[0]) if numbers else ""


def _read(phone: str, region: str) -> str:
    numbers = () if _has_code(phone) else e164(phone, region)
    return numbers[0] if len(numbers) == 1 else phone
