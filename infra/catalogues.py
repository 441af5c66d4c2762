"""The language catalogues: `python infra/catalogues.py extract | update [--prune] | compile | check`.

extract   writes templates/locale/leadline.pot: all texts of the code, the templates and the data files
update    extract, then bring each language's .po up to date; what was translated stays, unused texts are kept
          as comments until --prune
compile   writes each .mo that is older than its .po; with nothing to do it imports nothing and says nothing
check     fails naming each text that is missing, unused, fuzzy or has other placeholders, by language

English texts are the msgids. From the code: _, gettext, ngettext and N_, and the reasons (see reason_texts.py);
from templates the same and {% trans %}; from chalicelib/data/*.json the strings under "reason", "label" and "text".
Of a reason the part before `: value` and ` ±points` is the text (see chalicelib/messaging/languages.py).
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from babel.messages import Catalog, Message

ROOT = Path(__file__).absolute().parents[1]
LOCALE = ROOT / "templates" / "locale"
POT = LOCALE / "leadline.pot"
FOLDERS = ("zh_Hans", "zh_Hant")

KEYWORDS: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
JINJA = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
DATA_KEYS = frozenset({"reason", "label", "text"})
_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")


def po_path(folder: str, locale: Path = LOCALE) -> Path:
    return locale / folder / "LC_MESSAGES" / "leadline.po"


def found(root: Path = ROOT) -> "Catalog":
    """All texts of the tree, with the files they are in."""
    from babel.messages import Catalog

    catalog = Catalog(project="leadline", header_comment="# Texts of Leadline.", fuzzy=False)
    sys.path.insert(0, str(ROOT))
    from infra.reason_texts import reason_texts

    for path, message in [*_from_code(root), *_from_templates(root), *_from_data(root), *reason_texts(root)]:
        flags = ["python-format"] if _placeholders(message) else []
        catalog.add(message, locations=[(path.relative_to(root).as_posix(), 0)], flags=flags)
    return catalog


def _from_code(root: Path) -> Iterator[tuple[Path, Any]]:
    for path in sorted((root / "chalicelib").rglob("*.py")):
        yield from _extracted(path, "python", {})


def _from_templates(root: Path) -> Iterator[tuple[Path, Any]]:
    for path in sorted((root / "templates").rglob("*.*")):
        if path.suffix in (".html", ".txt") and "assets" not in path.relative_to(root).parts:
            yield from _extracted(path, "jinja2.ext:babel_extract", JINJA)


def _extracted(path: Path, method: str, options: dict[str, str]) -> Iterator[tuple[Path, Any]]:
    from babel.messages.extract import extract

    with path.open("rb") as file:
        for _, message, _, _ in extract(method, file, KEYWORDS, options=options):
            yield path, message


def _from_data(root: Path) -> Iterator[tuple[Path, str]]:
    from chalicelib.messaging.languages import message_of

    for path in sorted((root / "chalicelib" / "data").glob("*.json")):
        for text in _texts(json.loads(path.read_text("utf-8"))):
            if text.strip():
                yield path, message_of(text)


def _texts(data: Any) -> Iterator[str]:
    """The strings, alone or in lists, under DATA_KEYS at any depth."""
    if isinstance(data, list):
        for item in data:
            yield from _texts(item)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key in DATA_KEYS:
                yield from (v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str))
            if not isinstance(value, str):
                yield from _texts(value)


def extract_pot(root: Path = ROOT, pot: Path = POT) -> "Catalog":
    catalog = found(root)
    pot.parent.mkdir(parents=True, exist_ok=True)
    _write(pot, catalog)
    return catalog


def update(root: Path = ROOT, locale: Path = LOCALE, prune: bool = False) -> None:
    """Each language's .po with all of today's texts; nothing is guessed (no fuzzy matching)."""
    from babel.messages import Catalog

    template = extract_pot(root, locale / POT.name)
    for folder in FOLDERS:
        path = po_path(folder, locale)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalog = _read(path, folder) if path.exists() else Catalog(locale=folder, fuzzy=False)
        catalog.project, catalog.fuzzy = "leadline", False
        _bring_back(catalog, template)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.header_comment = f"# Leadline in {catalog.locale.english_name if catalog.locale else folder}."
        if prune:
            catalog.obsolete.clear()
        _write(path, catalog)


def _bring_back(catalog: "Catalog", template: "Catalog") -> None:
    """What was put aside as unused and is used again; Babel does not look there."""
    for key, message in list(catalog.obsolete.items()):
        if message.id in template:
            catalog[message.id] = message
            del catalog.obsolete[key]


def _read(path: Path, folder: str) -> "Catalog":
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return read_po(file, locale=folder, abort_invalid=True)


def _write(path: Path, catalog: "Catalog") -> None:
    """Sorted and without line numbers or dates, so that a change shows only what changed."""
    from io import BytesIO

    from babel.messages.pofile import write_po

    buffer = BytesIO()
    write_po(buffer, catalog, width=110, sort_output=True, include_lineno=False)
    lines = buffer.getvalue().decode().splitlines(keepends=True)
    dated = ('"POT-Creation-Date:', '"PO-Revision-Date:', '"Generated-By:', '"Report-Msgid', '"Last-Translator:')
    _replace(path, "".join(line for line in lines if not line.startswith(dated)).encode())


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)


def compile_mo(locale: Path = LOCALE) -> None:
    """Each .mo that is missing or older than its .po."""
    for folder in FOLDERS:
        po = po_path(folder, locale)
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns:
            from io import BytesIO

            from babel.messages.mofile import write_mo

            buffer = BytesIO()
            write_mo(buffer, _read(po, folder))
            _replace(mo, buffer.getvalue())


def check(root: Path = ROOT, locale: Path = LOCALE) -> list[str]:
    """What is wrong with the catalogues, one line each."""
    wanted = {message.id: message for message in found(root) if message.id}
    problems = []
    for folder in FOLDERS:
        catalog = _read(po_path(folder, locale), folder)
        have = {message.id: message for message in catalog if message.id}
        problems += [f"{folder}: missing: {_shown(id_)}" for id_ in wanted if not _translated(have.get(id_))]
        problems += [f"{folder}: unused: {_shown(id_)}" for id_ in have if id_ not in wanted]
        problems += [f"{folder}: unused: {_shown(message.id)}" for message in catalog.obsolete.values()]
        problems += [f"{folder}: fuzzy: {_shown(id_)}" for id_, message in have.items() if message.fuzzy]
        problems += [f"{folder}: other placeholders: {_shown(i)}" for i, m in have.items() if not _same_places(m)]
    return problems


def _translated(message: "Message | None") -> bool:
    return message is not None and all(_plural(message.string))


def _plural(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _placeholders(text: Any) -> set[str]:
    return {name for part in _plural(text) for name in _PLACEHOLDER.findall(part) if name}


def _same_places(message: "Message") -> bool:
    """A translation with a name its text lacks, or a lone percent sign, would fail when it is shown."""
    if not _translated(message) or not _placeholders(message.id):
        return True
    strings = _plural(message.string)
    lone = any("%" in _PLACEHOLDER.sub("", text) for text in strings)
    return not lone and _placeholders(message.string) <= _placeholders(message.id)


def _shown(id_: Any) -> str:
    return _plural(id_)[0]


def main(arguments: list[str]) -> int:
    match arguments:
        case ["extract"]:
            extract_pot()
        case ["update"] | ["update", "--prune"]:
            update(prune="--prune" in arguments)
        case ["compile"]:
            compile_mo()
        case ["check"]:
            problems = check()
            print("\n".join(problems), end="\n" if problems else "")
            return 1 if problems else 0
        case _:
            print((__doc__ or "").splitlines()[0], file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
