"""Telephone numbers to E.164 (ITU-T). The library decides; a short way covers the plain cases.

The test is *possible* (the right count of digits), not *valid*: numbering plans change faster than software.
"""

import re
from dataclasses import dataclass
from functools import cache

_PLAIN = re.compile(r"\+?[0-9() ./-]{3,40}", re.ASCII).fullmatch
_PUNCTUATION = str.maketrans("", "", "+() ./-")
_SPREADSHEET_NUMBER = re.compile(r"\+?(\d{5,15})\.0").fullmatch
_LOST_DIGITS = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+").fullmatch
_SEVERAL = re.compile(r"[;,|\n/]| or | oder ")
_LONGEST_NATIONAL = 17  # the library's _MAX_LENGTH_FOR_NSN


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the library's metadata says of one region, as far as the short way needs it."""

    code: str
    outbound: re.Pattern[str] | None
    trunk: re.Pattern[str] | None
    rewrites: bool
    general: re.Pattern[str]
    lengths: frozenset[int]


def e164(text: str, region: str = "") -> tuple[str, ...]:
    """The numbers written in one field, without extensions; () when none is possible.

    `region` is ISO alpha-2, for numbers without "+". Two numbers in one field are read when each is possible
    by itself and the whole is not."""
    spreadsheet = _SPREADSHEET_NUMBER(text)
    written = spreadsheet[1] if spreadsheet else text
    if _LOST_DIGITS(written):
        return ()
    if not region and written.startswith("00"):
        written = "+" + written[2:]
    number = quick_e164(written, region)
    number = library_e164(written, region) if number is None else number
    if number:
        return (number,)
    return _each(written, region) if len(written) <= 100 else ()


def _each(text: str, region: str) -> tuple[str, ...]:
    parts = [part.strip() for part in _SEVERAL.split(text)]
    if len(parts) < 2 or any(sum(sign.isdigit() for sign in part) < 7 for part in parts):
        return ()
    numbers = [library_e164(part, region) for part in parts]
    return tuple(dict.fromkeys(numbers)) if all(numbers) else ()


def library_e164(text: str, region: str) -> str:
    """What the phonenumbers library reads, "" where it finds no possible number with its area code."""
    import phonenumbers as library

    try:
        number = library.parse(text, region or None)
    except library.NumberParseException:
        return ""
    if library.is_possible_number_with_reason(number) != library.ValidationResult.IS_POSSIBLE:
        return ""
    return library.format_number(number, library.PhoneNumberFormat.E164)


def quick_e164(text: str, region: str) -> str | None:
    """The same answer at a tenth of the cost, or None where only the library can tell.

    Follows phonenumberutil.parse for digits and plain punctuation; whatever meets an outbound prefix, a
    rewriting rule, a country code without "+" or a region that shares its code is left to the library."""
    if not _PLAIN(text):
        return None
    digits = text.translate(_PUNCTUATION)
    if text[0] == "+":
        code = next((digits[:size] for size in (1, 2, 3) if digits[:size] in _main_regions()), "")
        plan, digits = _plan(_main_regions().get(code, "")), digits[len(code) :]
    else:
        if not region:
            return ""
        plan = _plan(region)
        if plan is None or digits.startswith(plan.code) or (plan.outbound and plan.outbound.match(digits)):
            return None
    return None if plan is None or len(digits) < 3 else _national(digits, plan)


def _national(digits: str, plan: _Plan) -> str | None:
    trunk = plan.trunk.match(digits) if plan.trunk else None
    if trunk:
        if plan.rewrites and trunk.groups()[-1] is not None:
            return None
        rest = digits[trunk.end() :]
        if plan.general.fullmatch(rest) or not plan.general.fullmatch(digits):
            size = len(rest)
            digits = rest if size in plan.lengths or size > max(plan.lengths) else digits
    if len(digits) not in plan.lengths or len(digits) > _LONGEST_NATIONAL:
        return ""
    return f"+{plan.code}{digits}"


def region_of(phone: str) -> str:
    """The main country of an E.164 number's calling code ("+1…" is "US"), ISO alpha-2; "" for one of no country."""
    regions = _main_regions()
    return next((regions[phone[1:end]] for end in (2, 3, 4) if phone[1:end] in regions), "")


@cache
def _main_regions() -> dict[str, str]:
    """Country calling code to its main region; codes that belong to no country are left out."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    return {str(code): regions[0] for code, regions in COUNTRY_CODE_TO_REGION_CODE.items() if regions[0] != "001"}


@cache
def _plan(region: str) -> _Plan | None:
    from phonenumbers import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(region, None) if region else None
    general = metadata.general_desc if metadata else None
    if metadata is None or general is None or _main_regions().get(str(metadata.country_code)) != region:
        return None
    outbound, trunk = metadata.international_prefix, metadata.national_prefix_for_parsing
    return _Plan(
        code=str(metadata.country_code),
        outbound=re.compile(outbound) if outbound else None,
        trunk=re.compile(trunk) if trunk else None,
        rewrites=bool(metadata.national_prefix_transform_rule),
        general=re.compile(general.national_number_pattern or ""),
        lengths=frozenset(general.possible_length),
    )


def national_digits(phone: str) -> str:
    """An E.164 number's digits without its country's code; all of them where the code is no country's."""
    regions = _main_regions()
    end = next((end for end in (2, 3, 4) if phone[1:end] in regions), 1)
    return phone[end:]
