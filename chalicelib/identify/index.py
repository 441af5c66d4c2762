"""Who was added earlier in the same file, by key."""

from collections.abc import Iterable


class KeyIndex:
    """Finds duplicates inside one upload before the store is asked. Holds keys and ids only."""

    def __init__(self) -> None:
        self._ids: dict[str, list[str]] = {}

    def add(self, lead_id: str, keys: Iterable[str]) -> None:
        """Make the lead findable under these keys; adding twice changes nothing."""
        for key in keys:
            ids = self._ids.setdefault(key, [])
            if lead_id not in ids:
                ids.append(lead_id)

    def find(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The ids under any of these keys, each once, in the order of the keys and then of adding."""
        found: list[str] = []
        for key in keys:
            for lead_id in self._ids.get(key, ()):
                if lead_id not in found:
                    found.append(lead_id)
        return tuple(found)
