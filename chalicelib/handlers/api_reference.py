"""The OpenAPI document as a page reads it: operations by group, and what each takes and gives in words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
# A text in pieces: (text, whether it is code).
Pieces = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body. `shape` says what it may be; `leads_to` is the schema it is described in."""

    name: str
    shape: str
    leads_to: str = ""
    needed: bool = False
    about: Pieces = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """A body in one of its kinds: as a schema of the list, or by its own fields."""

    kinds: tuple[str, ...]
    shape: str
    leads_to: str = ""
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    about: Pieces
    contents: tuple[Content, ...]
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    operation_id: str
    method: str
    path: str
    summary: str
    about: Pieces
    scope: str
    parameters: tuple[Field, ...]
    bodies: tuple[Content, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    about: Pieces
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    name: str
    shape: str
    about: Pieces
    fields: tuple[Field, ...]


def groups_of(document: Json) -> list[Group]:
    made = [_operation(document, path, method, each) for path, method, each in _operations(document)]
    return [
        Group(tag["name"], pieces(tag["description"]), tuple(each for name, each in made if name == tag["name"]))
        for tag in document["tags"]
    ]


def schemas_of(document: Json) -> list[Schema]:
    found = document["components"]["schemas"]
    return [
        Schema(name, _shape(schema), pieces(schema.get("description", "")), tuple(_fields(schema)))
        for name, schema in sorted(found.items())
    ]


def pieces(text: str) -> Pieces:
    """Words, and what stands between backticks."""
    return tuple((part, bool(place % 2)) for place, part in enumerate(text.split("`")) if part)


def paragraphs(text: str) -> list[Pieces]:
    return [pieces(part) for part in re.split(r"\n\n+", text)]


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _operation(document: Json, path: str, method: str, operation: Json) -> tuple[str, Operation]:
    scopes = [scope for way in operation.get("security", ()) for names in way.values() for scope in names]
    parameters = (_resolved(document, each) for each in operation.get("parameters", ()))
    answers = operation["responses"].items()
    return operation["tags"][0], Operation(
        operation["operationId"], method.upper(), path, operation["summary"], pieces(operation.get("description", "")),
        scopes[0] if scopes else "", tuple(map(_parameter, parameters)),
        tuple(_contents(operation.get("requestBody", {}))),
        tuple(_answer(document, status, each) for status, each in answers),
    )  # fmt: skip


def _parameter(parameter: Json) -> Field:
    schema, place = parameter["schema"], parameter["in"]
    about = pieces(parameter.get("description", ""))
    return Field(parameter["name"], _shape(schema), _named(schema), parameter.get("required", False), about, place)


def _answer(document: Json, status: str, answer: Json) -> Answer:
    resolved = _resolved(document, answer)
    headers = tuple(resolved.get("headers", ()))
    return Answer(status, pieces(resolved["description"]), tuple(_contents(resolved)), headers)


def _contents(holder: Json) -> Iterator[Content]:
    """Kinds with the same schema are told as one."""
    by_schema: dict[str, list[str]] = {}
    schemas: dict[str, Json] = {}
    for kind, media in holder.get("content", {}).items():
        schema = media.get("schema", {})
        by_schema.setdefault(repr(schema), []).append(kind)
        schemas[repr(schema)] = schema
    for key, kinds in by_schema.items():
        schema = schemas[key]
        yield Content(tuple(kinds), _shape(schema), _named(schema), tuple(_fields(schema)))


def _fields(schema: Json) -> Iterator[Field]:
    needed = schema.get("required", ())
    for name, each in schema.get("properties", {}).items():
        about = pieces(each.get("description", ""))
        yield Field(name, _shape(each), _named(each), name in needed, about)


def _resolved(document: Json, found: Json) -> Json:
    if "$ref" not in found:
        return found
    *_, kind, name = found["$ref"].split("/")
    resolved: Json = document["components"][kind][name]
    return resolved


def _named(schema: Json) -> str:
    """The schema of the list that this is, or is a list of; "" for none."""
    ref = schema.get("$ref") or schema.get("items", {}).get("$ref", "")
    return str(ref).rpartition("/")[2]


def _shape(schema: Json) -> str:
    """What it may be, in a few words."""
    if "$ref" in schema:
        return _named(schema)
    if "const" in schema:
        return f'"{schema["const"]}"'
    if "enum" in schema:
        return " | ".join(schema["enum"])
    if options := schema.get("anyOf") or schema.get("oneOf"):
        shapes = dict.fromkeys(_shape(option) for option in options if set(option) != {"required"})
        if shapes:
            return " | ".join(shapes)
    told = schema.get("type", "any")
    kinds = [told] if isinstance(told, str) else list(told)
    if "array" in kinds:
        kinds = [f"list of {_shape(schema.get('items', {}))}"]
    return ", ".join([" | ".join(kinds), *_bounds(schema)])


def _bounds(schema: Json) -> Iterator[str]:
    if "format" in schema:
        yield schema["format"]
    if "maxLength" in schema:
        yield f"≤ {schema['maxLength']} characters"
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None and abs(high) < 10**9:
        yield f"{low} to {high}"
    if "default" in schema:
        yield f"default {schema['default']}"
