"""The full-text index of the read model: who is found by which words (SQLite FTS5).

`lead.text_id` is the row of `lead_words`. Beside the words each row has facts of the lead, so that whose leads may be
found is settled by the index itself, before anything is counted."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence

from chalicelib.records.lead import Lead
from chalicelib.records.ports import Stored
from chalicelib.records.search import SearchWords, Wanted
from chalicelib.store.index_gone import Change

FOUND_BY = ("name", "company", "email", "phone", "product")


def newest(connection: sqlite3.Connection, group: Sequence[Change]) -> list[Lead]:
    """Each lead that changed, once, unless another reader of the feed has brought a newer version already."""
    changed: dict[str, Stored[Lead]] = {}
    for ref, stored in group:
        if stored is None:
            continue
        (lead_id,) = ref.ids
        found = connection.execute("SELECT version FROM lead WHERE lead_id = ?", ref.ids).fetchone()
        known = changed[lead_id].version if lead_id in changed else found[0] if found else 0
        if stored.version >= known:
            changed[lead_id] = stored
    return [stored.value for stored in changed.values()]


def replace_words(
    connection: sqlite3.Connection, gone: Iterable[str], leads: Sequence[Lead], words: SearchWords
) -> None:
    """Forget the words of those who are gone or changed, and note the changed ones' new words. The leads' rows are
    there already."""
    ids = [(lead_id,) for lead_id in (*gone, *(lead.lead_id for lead in leads))]
    connection.executemany("DELETE FROM lead_words WHERE rowid = (SELECT text_id FROM lead WHERE lead_id = ?)", ids)
    # The place may be the next one's.
    connection.executemany("UPDATE lead SET text_id = NULL WHERE lead_id = ?", ids)
    for lead in leads:
        found = words.document(lead)
        cursor = connection.execute(
            "INSERT INTO lead_words (name, company, email, phone, product, facts) VALUES (?, ?, ?, ?, ?, ?)",
            (found.name, found.company, found.email, found.phone, found.product,
             f"{_owner(lead.owner_id)} {_status(lead.status)}"),
        )  # fmt: skip
        connection.execute("UPDATE lead SET text_id = ? WHERE lead_id = ?", (cursor.lastrowid, lead.lead_id))


def matching(
    wanted: Sequence[Wanted],
    owners: Collection[str] | None = None,
    status: str = "",
    whole: bool = False,
    columns: Sequence[str] = FOUND_BY,
) -> str:
    """The FTS5 query for who has every word wanted, among these owners' leads (None for everybody's) and of a status
    ("" for any). Every word is quoted, so that no operator can be typed. `whole`: no word may be cut short."""
    star = "" if whole else " *"
    words = " AND ".join(f"({' OR '.join(_ways(each, star))})" for each in wanted)
    facts = [[_owner(owner) for owner in sorted(owners)]] if owners is not None else []
    facts += [[_status(status)]] if status else []
    parts = [f"{{{' '.join(columns)}}} : ({words})"]
    parts += [f"facts : ({' OR '.join(map(_quoted, group or ['0']))})" for group in facts]
    return " AND ".join(parts)


def _ways(wanted: Wanted, star: str) -> list[str]:
    ways = [*(" ".join(way) for way in wanted.ways), *wanted.sounds]
    return [*(_quoted(way) + star for way in ways), *(_quoted(word) for word in wanted.close)]


def _quoted(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


# Facts begin with a digit: words that are spelled nearly alike are looked for among letters.
def _owner(owner_id: str) -> str:
    return f"0o{owner_id.encode().hex()}"


def _status(status: str) -> str:
    return f"0s{status}"


def listed_words(connection: sqlite3.Connection, beginnings: Collection[str], whole: Collection[str]) -> list[str]:
    """The words there are that begin so, and those of `whole` that there are."""
    found: set[str] = set()
    for begun in beginnings:
        rows = connection.execute(
            "SELECT term FROM lead_word WHERE term >= ? AND term < ?", (begun, begun + "\U0010ffff")
        )
        found.update(term for (term,) in rows)
    for word in whole:
        found.update(term for (term,) in connection.execute("SELECT term FROM lead_word WHERE term = ?", (word,)))
    return sorted(found)
