"""Rows as DynamoDB items and back, and what an item weighs.

Attributes: `pk`, `sk`, `kind` (S), `version` (N), `body` (B), `write_id` (S: which call wrote it), and while it is due
`due_shard` (S, "0" to "7") and `due_at` (S), by which it enters the sparse index `due`.
"""

import zlib
from typing import Any

from chalicelib.records.ports import TooLarge
from chalicelib.store.table import Key, Row

Item = dict[str, dict[str, Any]]

DUE_INDEX = "due"
SHARDS = tuple("01234567")
# What DynamoDB's documentation calls KB and MB are powers of two.
KB = 1024
MOST_ITEM_BYTES = 400 * KB
MOST_PK_BYTES, MOST_SK_BYTES = 2048, 1024
# Keys one BatchGetItem takes.
MOST_KEYS = 100
# A version is a plain integer and must stay exact: DynamoDB keeps 38 digits.
MOST_VERSION = 10**38 - 1
# Bodies are JSON objects, which begin with "{"; zlib's streams at its default window begin with this byte.
_COMPRESSED = 0x78


class ItemRefused(ValueError):
    """A record that no DynamoDB table can hold; names the kind, never the content."""


class ItemTooLarge(ItemRefused, TooLarge):
    """One that weighs more than an item or a transaction may."""

    def __init__(self, text: str, kind: str = "") -> None:
        TooLarge.__init__(self, text, kind)


def shard_of(pk: str, sk: str) -> str:
    """The due index's partition of a key: the same in every process."""
    return SHARDS[zlib.crc32(f"{pk}\n{sk}".encode()) % len(SHARDS)]


def possible(key: Key) -> bool:
    """Whether an item can have this key at all; what cannot is read as absent."""
    pk, sk = key
    return 0 < len(pk.encode()) <= MOST_PK_BYTES and 0 < len(sk.encode()) <= MOST_SK_BYTES


def key_item(key: Key) -> Item:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def to_item(key: Key, kind: str, version: int, body: bytes, due_at: str | None, write_id: str) -> Item:
    item: Item = {
        **key_item(key),
        "kind": {"S": kind},
        "version": {"N": str(version)},
        "body": {"B": body},
        "write_id": {"S": write_id},
    }
    if due_at is not None:
        item["due_shard"] = {"S": shard_of(*key)}
        item["due_at"] = {"S": due_at}
    return item


def to_row(item: Item) -> Row:
    """An item of the table or, without a body, of the due index."""
    body = item["body"]["B"] if "body" in item else b""
    due_at = item["due_at"]["S"] if "due_at" in item else None
    version = int(item["version"]["N"])
    return Row(item["pk"]["S"], item["sk"]["S"], item["kind"]["S"], version, unpacked(body), due_at)


def packed(body: bytes, other_bytes: int) -> bytes:
    """The body as it is stored: compressed where that saves at least one write unit of the item, whose other
    attributes take `other_bytes`."""
    plain = _units(len(body) + other_bytes)
    if plain > 1 or body[:1] == bytes([_COMPRESSED]):
        small = zlib.compress(body)
        if _units(len(small) + other_bytes) < plain or body[:1] == bytes([_COMPRESSED]):
            return small
    return body


def unpacked(body: bytes) -> bytes:
    return zlib.decompress(body) if body[:1] == bytes([_COMPRESSED]) else body


def _units(size: int) -> int:
    return -(-size // KB)


def size_of(item: Item) -> int:
    """Bytes as DynamoDB counts them: UTF-8 names and values; a number about a byte for two digits and one more."""
    return sum(len(name) + _value_size(value) for name, value in item.items())


def _value_size(value: dict[str, Any]) -> int:
    if "N" in value:
        return (len(value["N"].lstrip("-")) + 1) // 2 + 1
    text = value.get("S")
    return len(text.encode()) if text is not None else len(value["B"])
