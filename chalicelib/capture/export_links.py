"""The tables of an export joined: each row with what the other tables say of it, as one list in the order in which it
comes in. What joins them are the product's own ids; in our list a row names others by their number.

A row's first cell holds its facts (JSON): `of` are the numbers of the people's rows it belongs to, `rep` who of ours it
is theirs, dates as ISO 8601. Opt-outs and consents are joined to the people before anything is written."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.capture.columns import guess_columns, settle_dates
from chalicelib.capture.dates import date_order
from chalicelib.capture.export_fields import EMAIL, Row, rows_of, short_id
from chalicelib.capture.export_owners import Owners
from chalicelib.capture.export_values import deal_state, moment, refusal_of_mail
from chalicelib.capture.exports import Export, ExportTable
from chalicelib.capture.flags import read_flag
from chalicelib.capture.lists import read_contacts
from chalicelib.capture.sheet import Sheet
from chalicelib.records.contact import Refusal
from chalicelib.records.upload import ColumnGuess, ListPart

FACTS = "facts"
_SAMPLE = 200
# A deal names this many people at most; of a company's people one is enough.
_MOST_PEOPLE = 20


@dataclass(slots=True)
class _Books:
    """What is known by the other product's ids, and by address: numbers of people's rows, companies, deals."""

    people: dict[str, int] = field(default_factory=dict)
    by_email: dict[str, int] = field(default_factory=dict)
    companies: dict[str, str] = field(default_factory=dict)
    of_company: dict[str, list[int]] = field(default_factory=dict)
    of_deal: dict[str, list[int]] = field(default_factory=dict)
    deals: dict[str, str] = field(default_factory=dict)
    campaigns: dict[str, str] = field(default_factory=dict)
    agreed: set[int] = field(default_factory=set)
    # Ids and addresses: whoever carries one has said no, however many records that are.
    refused: set[str] = field(default_factory=set)
    # Those of them that a row which can be read carries; the addresses of the rows that cannot be.
    noted: set[str] = field(default_factory=set)
    address_of: dict[int, str] = field(default_factory=dict)


def linked(export: Export, rep_of: Mapping[str, str]) -> Sheet:
    """The whole export as one list. `rep_of` says by an owner's key who of ours that is."""
    return _Linker(export, rep_of).sheet()


class _Linker:
    def __init__(self, export: Export, rep_of: Mapping[str, str]) -> None:
        self._export, self._rep_of = export, rep_of
        self._owners, self._books = Owners(export), _Books()
        self._firsts: list[int] = []
        self._columns = [_columns(table) if table.table == "contacts" else () for table in export.tables]
        first = 1
        for table in export.tables:
            self._firsts.append(first)
            first += len(table.sheet.rows)
        self._each("campaigns", lambda row: self._note(self._books.campaigns, row, row.one("name")))
        self._each("companies", lambda row: self._note(self._books.companies, row, row.one("name")))
        self._each("contacts", self._note_person)
        self._each("opt_outs", self._note_mark)
        for first, table, columns in zip(self._firsts, export.tables, self._columns, strict=True):
            if table.table == "contacts":
                self._note_refusing(table, first, columns)
        self._each("deals", self._note_deal)
        self._each("roles", self._note_role)
        self._each("deals", self._fall_back)

    def _each(self, table: str, do: Callable[[Row], object]) -> None:
        for first, one in zip(self._firsts, self._export.tables, strict=True):
            if one.table == table:
                for row in rows_of(one, first):
                    do(row)

    def _note(self, book: dict[str, str], row: Row, name: str) -> None:
        for each in row.all("id"):
            book.setdefault(short_id(each), name)

    def _note_person(self, row: Row) -> None:
        if _is_company(row):
            self._note(self._books.companies, row, row.one("company_name"))
            return
        for each in row.all("id"):
            self._books.people.setdefault(short_id(each), row.number)
        for address in _addresses(row, "emails"):
            self._books.by_email.setdefault(address, row.number)
        for ref in row.refs("company"):
            self._books.of_company.setdefault(short_id(ref), []).append(row.number)

    def _note_mark(self, row: Row) -> None:
        said = refusal_of_mail(row)
        if said == "no":
            ids, addresses = _named(row)
            self._books.refused.update(ids, addresses)
        elif said == "yes":
            self._books.agreed.update(self._people(row))

    def _note_refusing(self, table: ExportTable, first: int, columns: Sequence[ColumnGuess]) -> None:
        """Whether the people who said no come in by their own rows; of whom does not, the no comes in by itself."""
        rows = [row for row in rows_of(table, first) if not _is_company(row) and "opt_out" in self._marks(row)]
        sheet = table.sheet
        whole = [row for row in rows if row.number - first + 1 not in sheet.bad_rows]
        cells = [sheet.rows[row.number - first] for row in whole]
        read = read_contacts(replace(sheet, rows=cells, bad_rows={}), columns) if cells else ()
        readable = {row.number for row, (_, one) in zip(whole, read, strict=True) if not isinstance(one, Refusal)}
        for row in rows:
            if row.number in readable:
                self._books.noted.update(_carried(row))
            else:
                self._books.address_of[row.number] = next(iter(_addresses(row, "emails")), "")

    def _note_deal(self, row: Row) -> None:
        for each in row.all("id"):
            self._books.of_deal.setdefault(short_id(each), []).extend(self._people(row))
            self._books.deals.setdefault(short_id(each), row.one("name"))

    def _fall_back(self, row: Row) -> None:
        """A deal that names nobody lies with somebody of its company."""
        for each in row.all("id"):
            if not self._books.of_deal[short_id(each)]:
                people = self._of_company(row) or ([row.number] if _names_somebody(row) else [])
                self._books.of_deal[short_id(each)].extend(people)

    def _note_role(self, row: Row) -> None:
        known = self._books.of_deal.setdefault(short_id(row.one("deal")), [])
        first = read_flag(row.one("primary"))
        for number in self._people(row):
            if number in known:
                known.remove(number)
            known.insert(0 if first else len(known), number)

    def _people(self, row: Row) -> list[int]:
        """The people a row names, by id or address."""
        ids, addresses = _named(row)
        found = [self._books.people.get(each, 0) for each in ids]
        found += [self._books.by_email.get(each, 0) for each in addresses]
        return [number for number in dict.fromkeys(found) if number][:_MOST_PEOPLE]

    def _of_company(self, row: Row) -> list[int]:
        people = [n for ref in row.refs("company") for n in self._books.of_company.get(short_id(ref), ())]
        return list(dict.fromkeys(people))[:1]

    def _deal_of(self, row: Row) -> str:
        return next((short_id(ref) for ref in row.refs("deal") if short_id(ref) in self._books.deals), "")

    def _around(self, row: Row) -> list[int]:
        """The people of a row that may name them, a deal of theirs, or their company."""
        return self._people(row) or self._books.of_deal.get(self._deal_of(row), [])[:1] or self._of_company(row)

    def sheet(self) -> Sheet:
        parts: list[ListPart] = []
        rows: list[tuple[str, ...]] = []
        bad: dict[int, Refusal] = {}
        for first, table, columns in zip(self._firsts, self._export.tables, self._columns, strict=True):
            sheet = table.sheet
            part = ListPart(table.file[-200:], table.table, first, len(sheet.rows), sheet.header, table.fields, columns)
            parts.append(part)
            bad |= {first + row - 1: Refusal(b.field, b.reason, first + row - 1) for row, b in sheet.bad_rows.items()}
            dates = {name: _order(table, name) for name in ("at", "created", "closed", "changed")}
            for row, cells in zip(rows_of(table, first), sheet.rows, strict=True):
                facts = self._facts(table.table, row, dates)
                rows.append((json.dumps(facts, ensure_ascii=False), *cells))
        notes = self._export.notes
        product = self._export.product
        return Sheet((FACTS,), rows, "zip", "", 1, bad, notes, product, tuple(parts))

    def _facts(self, table: str, row: Row, dates: Mapping[str, str]) -> dict[str, Any]:
        if table == "contacts" and _is_company(row):
            return self._of_firm(row, row.one("company_name")) | {"as": "companies"}
        make = _MAKERS.get(table)
        facts = make(self, row) if make else {}
        for name, order in dates.items():
            if at := moment(row.one(name), order):
                facts[name] = at.isoformat()
        return {name: value for name, value in facts.items() if value}

    def _owned(self, row: Row, name: str = "owner") -> dict[str, Any]:
        key = self._owners.key(row.one(name))
        return {"rep": self._rep_of.get(key, ""), "by": self._owners.name(key)} if key else {}

    def _of_owner(self, row: Row) -> dict[str, Any]:
        key = self._owners.key(row.one("id") or row.one("email"))
        return {"rep": self._rep_of.get(key, "")}

    def _of_campaign(self, row: Row) -> dict[str, Any]:
        return {"name": row.one("name"), "kind": row.one("kind")}

    def _of_firm(self, row: Row, name: str) -> dict[str, Any]:
        parent = row.one("parent")
        return {"name": name, "domain": row.one("domain"), "aliases": row.refs("aliases"),
                "parent": self._books.companies.get(short_id(parent), parent)}  # fmt: skip

    def _of_company_row(self, row: Row) -> dict[str, Any]:
        return self._of_firm(row, row.one("name"))

    def _of_opt_out(self, row: Row) -> dict[str, Any]:
        said, people, email = refusal_of_mail(row), self._people(row), row.one("email")
        ids, addresses = _named(row)
        if said == "no" and self._books.noted.isdisjoint((*ids, *addresses)):
            email = email or next((self._books.address_of.get(number, "") for number in people), "")
            people = []
        return {"of": people, "said": said, "email": email, "name": row.one("name"), "basis": row.one("basis")}

    def _of_person(self, row: Row) -> dict[str, Any]:
        company = next((self._books.companies.get(short_id(ref), "") for ref in row.refs("company")), "")
        return {**self._owned(row), "company": company, **self._marks(row)}

    def _marks(self, row: Row) -> dict[str, str]:
        """What other tables say of mail to a person: a no to their id or address, or a yes."""
        refused = {} if self._books.refused.isdisjoint(_carried(row)) else {"opt_out": "yes"}
        return refused | ({"consent": "yes"} if row.number in self._books.agreed else {})

    def _of_deal(self, row: Row) -> dict[str, Any]:
        known = [n for each in row.all("id")[:1] for n in self._books.of_deal.get(short_id(each), ())]
        own = {"of": list(dict.fromkeys(known)), "state": deal_state(row), "id": short_id(row.one("id"))}
        return {**self._owned(row), **_person_of(row, known), **own}

    def _of_role(self, row: Row) -> dict[str, Any]:
        return {"of": self._people(row), "deal": self._books.deals.get(short_id(row.one("deal")), "")}

    def _of_stage(self, row: Row) -> dict[str, Any]:
        deal = self._deal_of(row)
        return {**self._owned(row, "author"), "of": self._books.of_deal.get(deal, [])[:1], "deal": deal,
                "name": self._books.deals.get(deal, "")}  # fmt: skip

    def _of_note(self, row: Row) -> dict[str, Any]:
        model = row.one("model")
        if model:
            # Odoo's notes name a record by its kind and number; of other kinds than these nothing is taken in.
            of = self._people(row) if "partner" in model else self._books.of_deal.get(self._deal_of(row), [])[:1]
            return {**self._owned(row, "author"), "of": of if "partner" in model or "lead" in model else []}
        return {**self._owned(row, "author"), "of": self._around(row)}

    def _of_member(self, row: Row) -> dict[str, Any]:
        named = next((self._books.campaigns[short_id(ref)] for ref in row.all("campaign")
                      if short_id(ref) in self._books.campaigns), "")  # fmt: skip
        return {"of": self._people(row), "campaign": named or row.one("name")}


_MAKERS: dict[str, Callable[[_Linker, Row], dict[str, Any]]] = {
    "owners": _Linker._of_owner, "campaigns": _Linker._of_campaign, "companies": _Linker._of_company_row,
    "opt_outs": _Linker._of_opt_out, "contacts": _Linker._of_person, "deals": _Linker._of_deal,
    "roles": _Linker._of_role, "stages": _Linker._of_stage, "notes": _Linker._of_note, "members": _Linker._of_member,
}  # fmt: skip


def _columns(table: ExportTable) -> tuple[ColumnGuess, ...]:
    sheet = table.sheet
    return settle_dates(guess_columns(sheet.header, sheet.rows[:_SAMPLE]), sheet.rows)


def _carried(row: Row) -> list[str]:
    """The ids and the addresses of a person's row."""
    return [*map(short_id, row.all("id")), *_addresses(row, "emails")]


def _addresses(row: Row, *names: str) -> list[str]:
    return [address.casefold() for name in names for cell in row.all(name) for address in EMAIL.findall(cell)]


def _named(row: Row) -> tuple[list[str], list[str]]:
    """The ids and the addresses by which a row names people."""
    return [short_id(ref) for ref in row.refs("of")], _addresses(row, "email", "of")


def _names_somebody(row: Row) -> bool:
    return bool(row.one("email") or row.one("person") or row.one("phone"))


def _person_of(row: Row, people: list[int]) -> dict[str, Any]:
    """Of a deal that names nobody of the export and says itself whose it is: the person, made by the same row."""
    if people != [row.number]:
        return {}
    person = {name: row.one(name) for name in ("person", "email", "phone", "firm")}
    return {"whose": {name: value for name, value in person.items() if value}}


def _is_company(row: Row) -> bool:
    said = row.one("is_company")
    return said.casefold() == "company" or bool(read_flag(said))


def _order(table: ExportTable, name: str) -> str:
    """In which order days and months stand in a table's dates."""
    places = table.fields.get(name, ())
    cells = (cells[place] for cells in table.sheet.rows for place in places if place < len(cells))
    return date_order(cells)[0]
