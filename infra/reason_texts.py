"""The reasons the stages and flows give, read from their source: texts that pages and mails translate by `phrase`.

A reason is a plain English sentence that begins with a small letter and has at least two words, as a literal or at
the start of an f-string up to its `: {value}` or ` +{points}`. Nothing has to be marked; what is found too much is
translated too much. Docstrings and the words of exceptions are left out.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("capture", "identify", "qualify", "assign", "follow_up", "flows", "handlers")
_SENTENCE = re.compile(r"[a-z][A-Za-z0-9'/-]*[,;]?( [A-Za-z0-9'\"()/.,;-]+)+\Z")
_POINTS_FOLLOW = re.compile(r" [+±-]?\Z")


def reason_texts(root: Path) -> Iterator[tuple[Path, str]]:
    """(file, text) of each reason below root/chalicelib."""
    for folder in FOLDERS:
        for path in sorted((root / "chalicelib" / folder).rglob("*.py")):
            for text in _of_module(ast.parse(path.read_text("utf-8"))):
                yield path, text


def _of_module(module: ast.Module) -> Iterator[str]:
    left_out = {id(node) for found in ast.walk(module) for node in _not_reasons(found)}
    for node in ast.walk(module):
        text = _message(node) if id(node) not in left_out else ""
        if _SENTENCE.match(text):
            yield text


def _not_reasons(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, all that is raised (but `raise wrong(field, reason)`, which is shown), and the parts of f-strings."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    elif isinstance(node, ast.Raise) and not _shown(node.exc):
        yield from ast.walk(node)
    elif isinstance(node, ast.JoinedStr):
        yield from node.values


def _shown(raised: ast.expr | None) -> bool:
    return isinstance(raised, ast.Call) and isinstance(raised.func, ast.Name) and raised.func.id in ("wrong", "Problem")


def _message(node: ast.AST) -> str:
    """The part of a literal or f-string that is the same for all values, or "" where that is no whole message."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.removesuffix(": ").partition(": ")[0]
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        start = str(node.values[0].value)
        message, colon, _ = start.partition(": ")
        if colon:
            return message
        return _POINTS_FOLLOW.sub("", start) if start.endswith((" +", " -", " ±")) else ""
    return ""
