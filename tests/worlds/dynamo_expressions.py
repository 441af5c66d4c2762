"""DynamoDB's expressions, as far as an engine may use them: conditions, key conditions, filters and updates.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html. Plain attribute names, `:values`,
comparisons, BETWEEN, begins_with, attribute_exists, attribute_not_exists, AND, OR, NOT; SET with `+`, `-` and
if_not_exists, REMOVE. Whatever else is written raises BadExpression: a model must not guess."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

Value = dict[str, Any]
Item = dict[str, Value]
Test = Callable[[Mapping[str, Value], Mapping[str, Value]], bool]
Operand = Callable[[Mapping[str, Value], Mapping[str, Value]], Value | None]
Update = Callable[[Item, Mapping[str, Value]], Item]

_TOKEN = re.compile(r"\s*(:?[A-Za-z_][A-Za-z_0-9]*|<=|>=|<>|[=<>(),+-])")
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class BadExpression(Exception):
    """Not an expression DynamoDB knows, or not one this model does."""


def comparable(value: Value) -> Any:
    """Texts are compared by their UTF-8 bytes, numbers as numbers."""
    ((kind, content),) = value.items()
    if kind == "S":
        return content.encode()
    if kind == "N":
        return Decimal(content)
    if kind == "B":
        return bytes(content)
    raise BadExpression(f"type {kind}")


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if not found:
                raise BadExpression(text)
            self._tokens.append(found.group(1))
            at = found.end()
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token.upper() != wanted):
            raise BadExpression(f"{token or 'the end'} where {wanted or 'something'} should be")
        self._at += 1
        return token

    def follows(self, word: str) -> bool:
        if self.peek().upper() == word:
            self._at += 1
            return True
        return False

    def name(self) -> str:
        token = self.take()
        if not token[0].isalpha() and token[0] != "_":
            raise BadExpression(f"{token} is no attribute")
        return token

    def condition(self) -> Test:
        test = self._conjunction()
        while self.follows("OR"):
            test = _either(test, self._conjunction())
        return test

    def _conjunction(self) -> Test:
        test = self._single()
        while self.follows("AND"):
            test = _both(test, self._single())
        return test

    def _single(self) -> Test:
        if self.follows("NOT"):
            inner = self._single()
            return lambda item, values: not inner(item, values)
        if self.follows("("):
            inner = self.condition()
            self.take(")")
            return inner
        if self.peek() in ("attribute_exists", "attribute_not_exists"):
            return self._existence()
        if self.peek() == "begins_with":
            return self._beginning()
        return self._comparison()

    def _existence(self) -> Test:
        wanted = self.take() == "attribute_exists"
        self.take("(")
        name = self.name()
        self.take(")")
        return lambda item, values: (name in item) is wanted

    def _beginning(self) -> Test:
        self.take()
        self.take("(")
        left = self.operand()
        self.take(",")
        right = self.operand()
        self.take(")")

        def begins(item: Mapping[str, Value], values: Mapping[str, Value]) -> bool:
            a, b = left(item, values), right(item, values)
            return bool(a and b and a.keys() == b.keys() and comparable(a).startswith(comparable(b)))

        return begins

    def _comparison(self) -> Test:
        left = self.operand()
        if self.follows("BETWEEN"):
            low = self.operand()
            self.take("AND")
            return _both(_compare(">=", left, low), _compare("<=", left, self.operand()))
        return _compare(self.take(), left, self.operand())

    def operand(self) -> Operand:
        if self.peek().startswith(":"):
            token = self.take()
            return lambda item, values: _given(values, token)
        name = self.name()
        return lambda item, values: item.get(name)

    def sum(self) -> Operand:
        total = self._term()
        while self.peek() in ("+", "-"):
            sign = 1 if self.take() == "+" else -1
            total = _added(total, self._term(), sign)
        return total

    def _term(self) -> Operand:
        if self.peek() != "if_not_exists":
            return self.operand()
        self.take()
        self.take("(")
        name = self.name()
        self.take(",")
        other = self.operand()
        self.take(")")
        return lambda item, values: item[name] if name in item else other(item, values)

    def end(self) -> None:
        if self.peek():
            raise BadExpression(f"{self.peek()} is left over")


def _given(values: Mapping[str, Value], token: str) -> Value:
    if token not in values:
        raise BadExpression(f"{token} is not given")
    return values[token]


def _both(one: Test, other: Test) -> Test:
    return lambda item, values: one(item, values) and other(item, values)


def _either(one: Test, other: Test) -> Test:
    return lambda item, values: one(item, values) or other(item, values)


def _compare(how: str, left: Operand, right: Operand) -> Test:
    if how not in ("=", "<>", *_COMPARED):
        raise BadExpression(f"{how} compares nothing")

    def compare(item: Mapping[str, Value], values: Mapping[str, Value]) -> bool:
        a, b = left(item, values), right(item, values)
        if how in ("=", "<>"):
            return (a is not None and b is not None and _same(a, b)) is (how == "=")
        return bool(a and b and a.keys() == b.keys() and _COMPARED[how](comparable(a), comparable(b)))

    return compare


def _same(a: Value, b: Value) -> bool:
    return a.keys() == b.keys() and comparable(a) == comparable(b)


def _added(left: Operand, right: Operand, sign: int) -> Operand:
    def add(item: Mapping[str, Value], values: Mapping[str, Value]) -> Value:
        a, b = left(item, values), right(item, values)
        if not (a and b and "N" in a and "N" in b):
            raise BadExpression("only numbers are added")
        return {"N": str(Decimal(a["N"]) + sign * Decimal(b["N"]))}

    return add


@cache
def condition(text: str) -> Test:
    """A condition, key condition or filter as a function of (item, values)."""
    parser = _Parser(text)
    made = parser.condition()
    parser.end()
    return made


@cache
def update(text: str) -> Update:
    """SET and REMOVE as a function from (item, values) to the new item. Every right side sees the old item."""
    parser = _Parser(text)
    sets: list[tuple[str, Operand]] = []
    removed: list[str] = []
    while parser.peek():
        section = parser.take().upper()
        if section == "SET":
            while not sets or parser.follows(","):
                name = parser.name()
                parser.take("=")
                sets.append((name, parser.sum()))
        elif section == "REMOVE":
            while not removed or parser.follows(","):
                removed.append(parser.name())
        else:
            raise BadExpression(f"{section} is not modelled")

    def apply(item: Item, values: Mapping[str, Value]) -> Item:
        changed = {name: operand(item, values) for name, operand in sets}
        if None in changed.values():
            raise BadExpression("an attribute that is not there is used in SET")
        kept = {name: value for name, value in item.items() if name not in removed}
        return kept | changed  # type: ignore[operator]

    return apply
