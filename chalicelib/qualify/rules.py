"""The rule score: how likely somebody is to buy, in points with a reason for each."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.qualify.phrases import PhraseBook
from chalicelib.records.lead import Lead, Score
from chalicelib.records.touch import Touch, TouchKind

_DATA = Path(__file__).resolve().parent.parent / "data"
_LONGEST_TEXT = 5_000  # of a message is read; whoever writes more has said it by then
_LONGEST_TITLE = 200
_SHOWN = 60
_MOST = 100
_POINTS = re.compile(r" ([+−])(\d+)$")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its reason in words and its points."""

    reason: str
    points: int

    def shown(self, value: str = "") -> tuple[str, int]:
        """The reason as it is shown ("decides on purchases: CTO +15") and its points."""
        text = f"{self.reason}: {value}" if value else self.reason
        return f"{text} {'+' if self.points >= 0 else '−'}{abs(self.points)}", self.points


@dataclass(frozen=True, slots=True)
class ScoreRules:
    """The rules of one version. `words` by what somebody wrote, `titles` by job title (the first that fits
    counts), each in the order of its phrase book; `touches` by kind of touch, `again` by number of touches,
    `behaviour` by reason, `bands` from the top."""

    version: str
    words: tuple[Rule, ...]
    word_book: PhraseBook
    titles: tuple[Rule, ...]
    title_book: PhraseBook
    touches: dict[TouchKind, Rule]
    again: tuple[tuple[int, Rule], ...]
    profile: dict[str, Rule]
    behaviour: dict[str, Rule]
    bands: tuple[tuple[str, int], ...]
    free_mail: frozenset[str]


@cache
def load_rules() -> ScoreRules:
    """The rules of `data/score_rules.json`; a broken file is a broken installation and raises."""
    data = json.loads((_DATA / "score_rules.json").read_text(encoding="utf-8"))
    words = tuple([_rule(each) for each in data["words"]])
    titles = (*data["not_buyers"], *data["titles"])
    touches = {TouchKind(kind): _rule(each) for kind, each in data["touches"].items()}
    again = [(int(count), Rule(data["again"]["reason"], points)) for count, points in data["again"]["points"].items()]
    return ScoreRules(
        version=data["version"],
        words=words,
        word_book=PhraseBook([each["find"] for each in data["words"]], data["negations"]),
        titles=tuple([_rule(each) for each in titles]),
        title_book=PhraseBook([each["find"] for each in titles]),
        touches=touches,
        again=tuple(sorted(again, reverse=True, key=lambda step: step[0])),
        profile={name: _rule(each) for name, each in data["profile"].items()},
        behaviour={rule.reason: rule for rule in (*words, *touches.values())},
        bands=tuple(sorted(data["bands"].items(), key=lambda band: -band[1])),
        free_mail=frozenset(json.loads((_DATA / "free_mail.json").read_text(encoding="utf-8"))["domains"]),
    )


def score(previous: Score, lead: Lead, touch: Touch, rules: ScoreRules) -> Score:
    """The score after this touch, 0 to 100. `lead` is as it will be stored: `touch_count` includes this touch.

    What somebody did is kept from the earlier score (at today's points), what is known of them is looked at
    anew; no reason counts twice. The points shown add up to the score, or "limited to" says why not."""
    reasons = _kept(previous, rules)
    reasons.update(_behaviour(touch, rules))
    reasons.update(_again(previous, lead, touch, rules))
    reasons.update(_profile(lead, rules))
    total = sum(reasons.values())
    if 0 <= total <= _MOST:
        return Score(total, tuple(reasons), rules.version)
    limit = _MOST if total > _MOST else 0
    return Score(limit, (*reasons, f"limited to {limit}"), rules.version)


def _kept(previous: Score, rules: ScoreRules) -> dict[str, int]:
    """The behaviour reasons of an earlier score; one whose rule is gone from the file is gone."""
    if not previous.reasons:
        return {}
    met = [rules.behaviour.get(_message(reason)) for reason in previous.reasons]
    return dict([rule.shown() for rule in met if rule])


def _behaviour(touch: Touch, rules: ScoreRules) -> list[tuple[str, int]]:
    reasons = [rules.touches[touch.kind].shown()] if touch.kind in rules.touches else []
    if touch.message or touch.details:
        text = "\n".join([touch.message, *touch.details.values()])[:_LONGEST_TEXT]
        reasons += [rules.words[number].shown() for number in rules.word_book.found(text)]
    return reasons


def _again(previous: Score, lead: Lead, touch: Touch, rules: ScoreRules) -> list[tuple[str, int]]:
    """A list merely names somebody: it keeps what was earned by asking again and adds nothing."""
    if touch.kind is TouchKind.LIST:
        message = rules.again[0][1].reason
        return [(reason, _points(reason)) for reason in previous.reasons if _message(reason) == message]
    for count, rule in rules.again:
        if lead.touch_count >= count:
            return [rule.shown(f"{lead.touch_count} touches")]
    return []


def _profile(lead: Lead, rules: ScoreRules) -> list[tuple[str, int]]:
    rule, reasons = rules.profile, []
    if lead.title:
        reasons += _title(lead.title, rules)
    if lead.products:
        reasons.append(rule["interest"].shown(_short(", ".join(lead.products))))
    if lead.emails:
        business = any(email.rpartition("@")[2] not in rules.free_mail for email in lead.emails)
        reasons.append(rule["business" if business else "free"].shown())
    if lead.phones:
        reasons.append(rule["phone"].shown())
    if not (lead.emails or lead.phones):
        reasons.append(rule["unreachable"].shown())
    return reasons


def _title(title: str, rules: ScoreRules) -> list[tuple[str, int]]:
    """The first rule that fits: a student of management is a student first."""
    number = rules.title_book.first(title[:_LONGEST_TITLE])
    return [] if number is None else [rules.titles[number].shown(_short(title))]


def _rule(data: dict[str, Any]) -> Rule:
    return Rule(data["reason"], data["points"])


def _short(value: str) -> str:
    value = " ".join(value.split())
    return value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…"


def _points(reason: str) -> int:
    found = _POINTS.search(reason)
    return 0 if not found else int(found[2]) if found[1] == "+" else -int(found[2])


def _message(reason: str) -> str:
    """The fixed part of a reason: without points and without the value after the colon."""
    return _POINTS.sub("", reason).partition(": ")[0]
