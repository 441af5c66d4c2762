"""How fast somebody answers: the working hours to a first answer, beside the working hours there were for it.

Half of the answers came within the median; one that took a month does not move it. Values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from chalicelib.assign.working_time import working_hours_between
from chalicelib.records.board import AnswerFact
from chalicelib.records.rep import WorkingWeek


@dataclass(frozen=True, slots=True)
class Speed:
    """`hours` is the median time to a first answer and `limit` that of the limits, in working hours; `limit` is None
    where every limit had passed and been taken further. `in_time` of `answered` came within their limit."""

    answered: int
    in_time: int
    hours: float
    limit: float | None


def speed_of(answers: Sequence[AnswerFact], week: WorkingWeek) -> Speed | None:
    """Of one person's answers, in that person's week; None where there are none."""
    if not answers:
        return None
    taken = [working_hours_between(one.received_at, one.answered_at, week) for one in answers]
    limits = [working_hours_between(one.received_at, one.limit_at, week) for one in answers if one.limit_at]
    in_time = sum(one.in_time for one in answers)
    return Speed(len(answers), in_time, median(taken), median(limits) if limits else None)
