"""Putting millions of touches in the order of person and time, ties in the order given."""

import math

import numpy as np

from chalicelib.attribute.paths import Flags, Integers

_KEY_BITS = 63
_SAMPLE = 1000


def in_order(person: Integers, at: Integers, channel: Integers) -> tuple[Integers, Integers, Integers]:
    """The three columns sorted by (person, at); touches equal in both keep their order.

    Sorted input is returned as it is. Otherwise person, time and a payload are packed into one 63-bit key and
    the keys sorted directly, which is about ten times faster than sorting an index over two columns.
    """
    if len(person) < 2 or _is_ordered(person, at):
        return person, at, channel
    step = _step(at)
    bits = (_bits(person, 1), _bits(at, step), _width(int(channel.max())), _width(len(person) - 1))
    if bits[0] + bits[1] + bits[3] <= _KEY_BITS:
        return _by_row(person, at, channel, step, bits[1], bits[3])
    if bits[0] + bits[1] + bits[2] <= _KEY_BITS:
        return _by_channel(person, at, channel, step, bits[1], bits[2])
    order = np.lexsort((at, person))
    return person[order], at[order], channel[order]


def _is_ordered(person: Integers, at: Integers) -> bool:
    if (person[1:] < person[:-1]).any():
        return False
    return not ((at[1:] < at[:-1]) & (person[1:] == person[:-1])).any()


def _step(at: Integers) -> int:
    """A number that divides all differences of time: days told in microseconds need nine bits, not 45."""
    low = int(at.min())
    step = math.gcd(*(int(value) - low for value in at[:_SAMPLE]))
    return step if step > 1 and not ((at - low) % step).any() else 1


def _width(highest: int) -> int:
    return max(1, highest.bit_length())


def _bits(values: Integers, step: int) -> int:
    return _width((int(values.max()) - int(values.min())) // step)


def _keys(person: Integers, at: Integers, step: int, time_bits: int, payload: Integers, bits: int) -> Integers:
    times = at.astype(np.int64) - int(at.min())
    if step > 1:
        times //= step
    keys = person.astype(np.int64) - int(person.min())
    keys <<= time_bits
    keys |= times
    keys <<= bits
    keys |= payload
    keys.sort()
    return keys


def _unpacked(
    keys: Integers, person: Integers, at: Integers, step: int, time_bits: int, bits: int
) -> tuple[Integers, Integers]:
    people = (keys >> (time_bits + bits)) + int(person.min())
    times = (keys >> bits) & ((1 << time_bits) - 1)
    if step > 1:
        times *= step
    times += int(at.min())
    return people, times


def _by_row(
    person: Integers, at: Integers, channel: Integers, step: int, time_bits: int, bits: int
) -> tuple[Integers, Integers, Integers]:
    keys = _keys(person, at, step, time_bits, np.arange(len(person)), bits)
    people, times = _unpacked(keys, person, at, step, time_bits, bits)
    return people, times, channel[keys & ((1 << bits) - 1)]


def _by_channel(
    person: Integers, at: Integers, channel: Integers, step: int, time_bits: int, bits: int
) -> tuple[Integers, Integers, Integers]:
    keys = _keys(person, at, step, time_bits, channel, bits)
    people, times = _unpacked(keys, person, at, step, time_bits, bits)
    channels = (keys & ((1 << bits) - 1)).astype(channel.dtype)
    differ = keys[1:] ^ keys[:-1]
    tied = np.flatnonzero((differ > 0) & (differ < (1 << bits)))
    if len(tied):
        _restore_ties(np.unique(people[tied]), (person, at, channel), people, channels)
    return people, times, channels


def _restore_ties(
    tied: Integers, given: tuple[Integers, Integers, Integers], people: Integers, channels: Integers
) -> None:
    """Order anew, in place, the touches of the people who have two channels at one instant: the packed key
    put those in order of channel, which would favour the first of the alphabet."""
    person, at, channel = given
    rows = np.flatnonzero(_among(person, tied))
    rows = rows[np.lexsort((at[rows], person[rows]))]
    channels[_among(people, tied)] = channel[rows]


def _among(people: Integers, wanted: Integers) -> Flags:
    """np.isin, choosing its table also where the ids are spread thinly but still fit."""
    spread = int(people.max()) - int(people.min())
    return np.isin(people, wanted, kind="table" if spread < 8 * len(people) else "sort")
