"""To whom the records of an export belong: the people who work with the other product."""

from dataclasses import dataclass

from chalicelib.capture.addresses import read_email
from chalicelib.capture.export_fields import EMAIL, Row, rows_of, short_id
from chalicelib.capture.exports import Export


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody to whom the other product's records belong, as named there."""

    key: str
    name: str
    email: str
    records: int


def owners_of(export: Export) -> tuple[Owner, ...]:
    """Everybody to whom something belongs, or who is in the table of people there, by how much is theirs."""
    owners = Owners(export)
    counted: dict[str, int] = dict.fromkeys(owners.named, 0)
    for table in export.tables:
        if table.table in ("companies", "contacts", "deals"):
            for row in rows_of(table):
                if key := owners.key(row.one("owner")):
                    counted[key] = counted.get(key, 0) + 1
    ranked = sorted(counted, key=lambda key: (-counted[key], key))
    return tuple(Owner(key, *owners.named.get(key, (key, read_email(key) or "")), counted[key]) for key in ranked)


class Owners:
    """The people of the other product, by id, address and name: records name them by any of these."""

    def __init__(self, export: Export) -> None:
        self.named: dict[str, tuple[str, str]] = {}
        self._keys: dict[str, str] = {}
        for table in export.tables:
            if table.table == "owners":
                for row in rows_of(table):
                    self._add(row)

    def _add(self, row: Row) -> None:
        email = read_email(row.one("email")) or ""
        name = row.one("name") or f"{row.one('given')} {row.one('family')}".strip() or email
        ids = row.all("id")
        key = email or (ids[0] if ids else name)
        self.named[key] = (name, email)
        for each in (*ids, *map(short_id, ids), email.casefold(), name.casefold()):
            if each:
                self._keys.setdefault(each, key)

    def key(self, value: str) -> str:
        """Of an owner as a record names them: the key of the table's row, else the name as it stands."""
        found = self._keys.get(value) or self._keys.get(value.casefold()) or self._keys.get(short_id(value))
        if found or not value:
            return found or ""
        if found := self._keys.get(value.rpartition(", ")[2].casefold()):
            return found  # Odoo puts the firm before its people
        address = EMAIL.search(value)
        return self._keys.get(address[0].casefold(), address[0]) if address else value

    def name(self, key: str) -> str:
        return self.named[key][0] if key in self.named else key
