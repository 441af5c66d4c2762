import threading
import time
from collections.abc import Sequence

import pytest

from chalicelib.store.group_commit import GroupCommit


class Disk:
    """Writes numbers; each writing takes as long as the test wants."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def write(self, works: Sequence[int]) -> list[int]:
        self.batches.append(list(works))
        self.begun.set()
        assert self.go_on.wait(10)
        if any(work < 0 for work in works):
            raise OSError("the disk is full")
        return [work * 10 for work in works]


def crowd(commit: GroupCommit[int, int], disk: Disk, numbers: list[int]) -> dict[int, int | str]:
    """The first number's writing lasts until all the others wait; what each was told."""
    told: dict[int, int | str] = {}

    def ask(number: int) -> None:
        try:
            told[number] = commit(number)
        except OSError as error:
            told[number] = str(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in numbers]
    threads[0].start()
    assert disk.begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(commit._waiting) < len(numbers) - 1:
        time.sleep(0.001)
    disk.go_on.set()
    for thread in threads:
        thread.join(10)
    return told


def test_whoever_comes_while_one_writes_is_written_together_and_each_gets_the_own_answer() -> None:
    disk = Disk()
    assert crowd(GroupCommit(disk.write), disk, [1, 2, 3, 4, 5]) == {1: 10, 2: 20, 3: 30, 4: 40, 5: 50}
    assert [sorted(batch) for batch in disk.batches] == [[1], [2, 3, 4, 5]]


def test_when_the_writing_fails_each_of_the_group_is_told_and_the_next_group_is_written() -> None:
    disk = Disk()
    commit: GroupCommit[int, int] = GroupCommit(disk.write)
    told = crowd(commit, disk, [1, 2, -3, 4])
    assert told == {1: 10, 2: "the disk is full", -3: "the disk is full", 4: "the disk is full"}
    assert commit(6) == 60
    with pytest.raises(OSError, match="full"):
        commit(-1)
    assert commit(7) == 70


def test_many_threads_are_all_answered_and_nothing_is_written_twice() -> None:
    disk = Disk()
    disk.go_on.set()
    commit: GroupCommit[int, int] = GroupCommit(disk.write)
    told: list[int] = []

    def work(start: int) -> None:
        told.extend(commit(number) for number in range(start, start + 200))

    threads = [threading.Thread(target=work, args=(n * 200,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(told) == [number * 10 for number in range(1600)]
    assert sorted(number for batch in disk.batches for number in batch) == list(range(1600))
