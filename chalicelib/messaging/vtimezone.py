"""VTIMEZONE components (RFC 5545 3.6.5) from the IANA database.

icalendar's own generator gives the onset of daylight time by the clock after the change; the RFC wants the clock
before it (TZOFFSETFROM), so that an event in the hour after the change would be read an hour late.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Component, Timezone, TimezoneDaylight, TimezoneStandard

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=256)
def vtimezone(zone: str, year: int) -> str:
    """The component's lines: the zone's rules from the beginning of the year before to the end of the year after."""
    info = ZoneInfo(zone)
    first = datetime(year - 1, 1, 1, tzinfo=UTC)
    component = Timezone()
    component.add("TZID", zone)
    component.add_component(_observance(info, first, first))
    for change in _changes(info, first, datetime(year + 2, 1, 1, tzinfo=UTC)):
        component.add_component(_observance(info, change - _SECOND, change))
    return str(component.to_ical(), "utf-8")


def _changes(info: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """The moments (UTC) at which the zone's offset becomes another, by bisecting the days it differs on."""
    day = first
    while day < last:
        before, after = day, day + _DAY
        if _offset(info, before) != _offset(info, after):
            while after - before > _SECOND:
                middle = before + (after - before) // 2
                if _offset(info, middle) == _offset(info, before):
                    before = middle
                else:
                    after = middle
            yield after.replace(microsecond=0)
        day += _DAY


def _offset(info: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(info).utcoffset() or timedelta()


def _observance(info: ZoneInfo, before: datetime, onset: datetime) -> Component:
    """What holds from `onset` on; its DTSTART is by the clock that held `before` it."""
    local = onset.astimezone(info)
    part = TimezoneDaylight() if local.dst() else TimezoneStandard()
    part.add("DTSTART", (onset + _offset(info, before)).replace(tzinfo=None))
    part.add("TZOFFSETFROM", _offset(info, before))
    part.add("TZOFFSETTO", _offset(info, onset))
    part.add("TZNAME", local.tzname())
    return part
