"""The text of a printed card, as typed or read by a camera: what is found by its pattern, the rest by its place."""

import re

from chalicelib.capture.addresses import phone_problem, read_email
from chalicelib.capture.card import Card
from chalicelib.capture.text import clean

_LIMIT = 500
_MAX_LINES = 40
_EMAIL = re.compile(r"[^\s<>,;:()@]{1,64}[@＠][^\s<>,;()@]{3,190}")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>,;]+", re.IGNORECASE)
_BARE_HOST = re.compile(
    r"(?:web|url|www|网址|網址|homepage)?\s*[:：]?\s*((?:[a-z0-9-]+\.)+[a-z]{2,}(?:/\S*)?)", re.IGNORECASE
)
_PHONE = re.compile(r"[+(（]?[\d０-９][\d０-９ ()（）./\-–]{4,28}[\d０-９](?: ?(?:ext|x)\.? ?\d{1,6})?", re.IGNORECASE)
_FAX = re.compile(r"\b(?:tele)?fax|^\W*f\W*[:：+]|传真|傳真|ファックス", re.IGNORECASE)
_PHONE_LABEL = re.compile(
    r"\b(?:tel(?:e(?:fon|phone|fono))?|phone|mobile?|móvil|cell|handy|direct|office|ph)\b\.?|\b[tmpo]\s*[:：.]"
    r"|电话|電話|手机|手機|携帯",
    re.IGNORECASE,
)
# Legal forms as they stand at the end of a company's name (GLEIF's ELF list, the common ones).
_LEGAL = re.compile(
    r"\b(?:gmbh(?: & co\.? kg)?|ag|kg|ohg|ug|se|e\.?v|ltd|limited|llc|llp|inc|incorporated|corp|corporation|plc|pte|pty"
    r"|co\.?,? ?ltd|company|group|gruppe|holding|s\.?a\.?s?|s\.?r\.?l|s\.?l|s\.?p\.?a|sarl|b\.?v|n\.?v|a/s|aps|oy|ab"
    r"|k\.?k|university|universität|institute?)\b\.?\s*$|公司|集团|集團|株式会社|有限会社|合同会社|大学|大學|研究院|工厂|研究所",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(?:manager(?:in)?|director|engineer|head of|ceo|cto|cfo|coo|president|vp|vice|officer|chief|buyer|sales|founder"
    r"|partner|assistant|consultant|leiter(?:in)?|geschäftsführer(?:in)?|ingenieur(?:in)?|einkäufer(?:in)?|vertrieb"
    r"|prokurist(?:in)?|directeur|directrice|responsable|gérant|ingénieur|directora?|gerente|jefe|ingeniero)\b"
    r"|经理|經理|总监|總監|主任|工程师|工程師|总裁|總裁|董事|部长|部長|課長|社長|主管|专员|專員|主席|教授|采购|採購",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"\d{4,6}|\b(?:street|st\.|road|rd\.|avenue|ave\.|lane|platz|allee|rue|calle|p\.?o\.? box|suite)\b"
    r"|str(?:aße|asse|\.)|weg \d|[路街号號区區市]\s*\d*|〒|丁目",
    re.IGNORECASE,
)


def read_printed(text: str) -> Card:
    """Contact points by pattern; of the lines left the first is the name, unless it has a company's legal form."""
    emails: list[str] = []
    phones: list[str] = []
    urls: list[str] = []
    left: list[str] = []
    for line in clean(text, 20_000, lines=True).split("\n")[:_MAX_LINES]:
        rest = _take(line, _EMAIL, emails)
        rest = _take(rest, _URL, urls)
        if emails and (host := _BARE_HOST.fullmatch(rest.strip())):
            urls.append(host[1])
            rest = ""
        if not _FAX.search(rest):
            rest = _take_phones(rest, phones)
        elif _PHONE.search(rest):
            rest = ""
        rest = rest.strip(" \t,;|·•:-")
        if rest:
            left.append(rest[:_LIMIT])
    name, company, title, others = _by_place(left)
    address = ", ".join(line for line in others if _STREET.search(line))
    return Card(
        kind="text",
        full_name=name,
        company=company,
        title=title,
        emails=tuple(dict.fromkeys(read_email(email) or email for email in emails)),
        phones=tuple(dict.fromkeys(phones)),
        urls=tuple(dict.fromkeys(urls)),
        address=address[:_LIMIT],
        note="\n".join(line for line in others if not _STREET.search(line)),
        raw=text,
    )


def _take(line: str, pattern: re.Pattern[str], found: list[str]) -> str:
    """Move what matches out of the line, with a label before it ("E-Mail:", "Web")."""
    if not pattern.search(line):
        return line
    found += [match.rstrip(".)") for match in pattern.findall(line)]
    rest = pattern.sub("", line)
    return (
        ""
        if re.fullmatch(r"\W*(?:e-?mail|mail|e|web|www|url|internet|邮箱|郵箱|电子邮箱|網址|网址)?\W*", rest, re.I)
        else rest
    )


def _take_phones(line: str, phones: list[str]) -> str:
    labelled = _PHONE_LABEL.search(line)
    for match in _PHONE.findall(line):
        # A bare number beside words is as likely a street or a postcode as a phone.
        if not phone_problem(match) and (labelled or match[0] in "+(0０" or match == line.strip()):
            phones.append(match.strip())
            line = line.replace(match, " ", 1)
    rest = _PHONE_LABEL.sub("", line) if labelled and phones else line
    return rest if any(char.isalnum() for char in rest) else ""


def _by_place(lines: list[str]) -> tuple[str, str, str, list[str]]:
    company = next((line for line in lines if _LEGAL.search(line)), "")
    title = next((line for line in lines if line != company and _TITLE.search(line)), "")
    rest = [line for line in lines if line not in {company, title}]
    name = rest.pop(0) if rest and _like_a_name(rest[0]) else ""
    if not company and title and rest and not _STREET.search(rest[0]):
        company = rest.pop(0)  # name, title, and the line after them
    return name, company, title, rest


def _like_a_name(line: str) -> bool:
    letters = sum(1 for char in line if char.isalpha() or char in " .,'’-·")
    return letters * 5 >= len(line) * 4 and not _STREET.search(line)
