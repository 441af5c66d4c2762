"""Many people's match keys, read once and changed together: each person's group of writes carries the versions that
the groups before it will have made."""

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.records.ports import Delete, Deps, Put, Ref, Stored, Write
from chalicelib.records.receipt import OTHERS_LIMIT, MatchKey


class PersonKeys:
    """The keys of these digests, as they are now and as the writes so far will leave them."""

    def __init__(self, deps: Deps, digests: Iterable[str]) -> None:
        wanted = sorted(set(digests))
        found = deps.store.get_many([Ref(MatchKey, (digest,)) for digest in wanted]) if wanted else []
        self._keys: dict[str, Stored[MatchKey]] = {stored.value.digest: stored for stored in found if stored}

    def named(self, digest: str) -> tuple[str, ...]:
        """Who is found by the key."""
        stored = self._keys.get(digest)
        return (stored.value.lead_id, *stored.value.others) if stored else ()

    def name_of(self, lead_id: str, digest: str) -> str:
        """The name noted beside the person in the key (`place_lead.name_digest`), "" where none was."""
        at = self.named(digest).index(lead_id)
        names = self._keys[digest].value.names
        return names[at] if at < len(names) else ""

    def without(self, lead_id: str, digests: Iterable[str]) -> list[Write]:
        """The writes after which the person is not found by these keys; a key that names nobody else goes."""
        writes: list[Write] = []
        for digest in digests:
            people = self.named(digest)
            if lead_id not in people:
                continue
            stored = self._keys[digest]
            at = people.index(lead_id)
            left = people[:at] + people[at + 1 :]
            if not left:
                writes.append(Delete(Ref(MatchKey, (digest,)), stored.version))
                del self._keys[digest]
                continue
            names = stored.value.names + ("",) * (len(people) - len(stored.value.names))
            names = names[:at] + names[at + 1 :]
            self._put(writes, replace(stored.value, lead_id=left[0], others=left[1:], names=names))
        return writes

    def naming(self, lead_id: str, keys: Iterable[tuple[str, str]]) -> list[Write]:
        """The writes after which the person is found by these keys (digest, name) again, behind whoever is now."""
        writes: list[Write] = []
        for digest, name in keys:
            people = self.named(digest)
            if lead_id in people or len(people) > OTHERS_LIMIT:
                continue
            if not people:
                self._put(writes, MatchKey(digest, lead_id, names=(name,)))
                continue
            known = self._keys[digest].value
            names = known.names + ("",) * (len(people) - len(known.names))
            self._put(writes, replace(known, others=(*known.others, lead_id), names=(*names, name)))
        return writes

    def _put(self, writes: list[Write], key: MatchKey) -> None:
        version = self._keys[key.digest].version if key.digest in self._keys else 0
        writes.append(Put(key, version))
        self._keys[key.digest] = Stored(key, version + 1)
