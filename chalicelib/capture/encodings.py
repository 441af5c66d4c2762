"""Which encoding a text file is in: by its byte order mark, by strict decoding, and by what the text then says.

GB18030, Big5 and Shift JIS accept almost any bytes, also those of a German or French list, so decoding without an
error proves little. The proof is that most characters come out as common ones (level 1 of GB 2312, Big5, JIS X 0208).
"""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the other's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = re.compile(r"[^\x00-\x7f]")
_LINES = re.compile(r"[\t\n\r -~]")
_SAMPLE = 4_000
_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class Encoding:
    """A Python codec's name, and how it treats bytes it cannot read ("strict", or "replace" for few of them)."""

    name: str
    errors: str = "strict"


def text_encoding(data: bytes) -> Encoding | None:
    """The encoding of the text, or None when it is none we know."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _readable(data, name)
    if guess := _unmarked_utf16(data):
        return _readable(data, guess)
    return _utf8(data) or _legacy(data)


def _readable(data: bytes, name: str) -> Encoding:
    try:
        data.decode(name)
    except UnicodeDecodeError:
        return Encoding(name, "replace")
    return Encoding(name)


def _unmarked_utf16(data: bytes) -> str:
    """Delimiters, line ends and addresses are ASCII, one byte of two is zero there; in the other order they are
    nothing. Texts of other encodings hold no zeros."""
    head = data[: 4096 if len(data) >= 4096 else len(data) // 2 * 2]
    if len(head) < 8 or head.count(0) * 50 < len(head):
        return ""
    plain = {order: len(_LINES.findall(head.decode(order, "replace"))) for order in ("utf-16-le", "utf-16-be")}
    best = max(plain, key=lambda order: plain[order])
    text = head.decode(best, "replace")
    meant = plain[best] * 20 >= len(text) and plain[best] > 4 * min(plain.values())
    told = ("\n" in text or "\r" in text) and "\0" not in text and text.count("\ufffd") <= 1
    return best if meant and told else ""


def _utf8(data: bytes) -> Encoding | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # A few broken bytes in a file that is clearly UTF-8 must not turn every other name into mojibake.
        wide = _WIDE.findall(data.decode("utf-8", "replace"))
        broken = wide.count("\ufffd")
        return Encoding("utf-8", "replace") if len(wide) - broken > 4 * broken else None
    return Encoding("utf-8")


def _legacy(data: bytes) -> Encoding | None:
    scores = {name: _score(data, name, common) for name, common in _COMMON.items()}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] >= _ENOUGH:
        return Encoding(best)
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return Encoding("cp1252")


def _score(data: bytes, name: str, common: Callable[[int, int], bool]) -> float:
    """The share of common characters, 0 where the bytes are not of this encoding or could as well be cp1252."""
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return 0.0
    codes = [char.encode(name) for char in _WIDE.findall(text)[:_SAMPLE]]
    pairs = [code for code in codes if len(code) == 2]
    # "Ä" + "r" and "’" + "s" of cp1252 are common characters in Big5 and Shift JIS: too many such pairs are Latin.
    latin = [code for code in pairs if (code[0] >= 0xC0 or 0x84 <= code[0] < 0xA0) and _is_letter(code[1])]
    if len(latin) > len(pairs) * _ENOUGH:
        return 0.0
    return sum(1 for lead, trail in pairs if common(lead, trail)) / len(codes)


def _is_letter(byte: int) -> bool:
    return byte < 0x80 and chr(byte).isalpha()


_COMMON: dict[str, Callable[[int, int], bool]] = {
    "gb18030": lambda lead, trail: trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3),
    "big5": lambda lead, _trail: 0xA1 <= lead <= 0xC6,
    "cp932": lambda lead, _trail: 0x81 <= lead <= 0x83 or 0x88 <= lead <= 0x97,
}
