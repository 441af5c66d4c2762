"""Whether the package is that of the sources: what it was made of is noted beside it."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).absolute().parents[1]
NOTE = "package.json"
ZIPS = ("function.zip", "analytics.zip")
# What goes into zips and templates, or decides how.
_FOLDERS = ("chalicelib", "templates", ".chalice")
_FILES = (
    "app.py", "requirements.txt", "requirements-analytics.txt", "infra/code_stack.json", "infra/data_stack.json",
    "infra/package.py", "infra/zips.py",
)  # fmt: skip
_MADE = ("__pycache__", "deployments")


def digest(root: Path = ROOT) -> str:
    """Of all sources by name and content."""
    told = hashlib.sha256()
    for path in _sources(root):
        body = path.read_bytes()
        told.update(f"{path.relative_to(root).as_posix()}\n{len(body)}\n".encode())
        told.update(body)
    return told.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    for folder in _FOLDERS:
        found = (root / folder).rglob("*")
        yield from sorted(p for p in found if p.is_file() and not set(p.relative_to(root).parts) & set(_MADE))
    yield from (root / name for name in _FILES)


def note(package: Path, of_sources: str) -> None:
    """Write down which sources the package was made of, and what its files are."""
    files = (*ZIPS, "data_stack.json", "code_stack.json")
    told = {"sources": of_sources, "files": {name: _sum(package / name) for name in files}}
    (package / NOTE).write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def stale(package: Path, root: Path = ROOT) -> str:
    """Why the package must not be deployed, in a few words; "" when it may."""
    path = package / NOTE
    if not path.is_file():
        return "there is no package"
    told = json.loads(path.read_text("utf-8"))
    changed = [name for name, was in told["files"].items() if _sum(package / name) != was]
    if changed:
        return f"{', '.join(changed)} is not what was packed"
    return "" if told["sources"] == digest(root) else "the sources have changed since the package was made"


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
