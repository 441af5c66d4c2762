"""A form is saved against what others do at the same moment, and no wording is ever lost."""

from dataclasses import replace

import pytest

from chalicelib.flows.plan_form import save_form, set_open, wordings_of
from chalicelib.records.consent_wording import ConsentWording
from chalicelib.records.form import FieldKind, Form, FormField
from chalicelib.records.ports import Conflict, NotFound
from tests.flows.rivals import with_rivals
from tests.stories.conftest import MONDAY, World

NEWS = FormField("news", FieldKind.CONSENT, {"en": "Send me news"})
ASK = Form("ask", {"en": "Ask"}, (FormField("email", FieldKind.EMAIL, {"en": "E-mail"}), NEWS))


def stored(world: World) -> tuple[Form, int]:
    found = world.deps.store.get(Form, "ask")
    assert found
    return found.value, found.version


def saying(form: Form, text: str) -> Form:
    return replace(form, fields=(*form.fields[:-1], replace(form.fields[-1], label={"en": text})))


def texts(world: World) -> list[tuple[int, str]]:
    return [(one.version, one.text["en"]) for one in wordings_of(world.deps, "ask")]


def test_a_changed_wording_is_a_new_version_and_the_old_ones_stay(world: World) -> None:
    made = save_form(world.deps, ASK, "mara", 0)
    assert made.fields[1].wording == 1
    assert (made.changed_at, made.changed_by) == (MONDAY, "mara")
    world.later(hours=1)
    save_form(world.deps, replace(made, title={"en": "Ask us"}), "ada", 1)
    assert texts(world) == [(1, "Send me news")]
    save_form(world.deps, saying(made, "Mail me news"), "ada", 2)
    again = save_form(world.deps, saying(made, "Send me news"), "ada", 3)
    assert again.fields[1].wording == 3
    assert texts(world) == [(1, "Send me news"), (2, "Mail me news"), (3, "Send me news")]
    first, second = wordings_of(world.deps, "ask")[:2]
    assert (first.made_by, first.made_at) == ("mara", MONDAY)
    assert (second.made_by, second.made_at) == ("ada", world.now)


def test_a_consent_that_was_taken_away_and_comes_back_goes_on_where_it_was(world: World) -> None:
    made = save_form(world.deps, ASK, "mara", 0)
    without = save_form(world.deps, replace(made, fields=made.fields[:1]), "mara", 1)
    assert without.fields == made.fields[:1]
    back = save_form(world.deps, ASK, "mara", 2)
    assert back.fields[1].wording == 1
    changed = save_form(world.deps, saying(ASK, "Other words"), "mara", 3)
    assert changed.fields[1].wording == 2


def test_who_saves_what_somebody_else_has_changed_is_told(world: World) -> None:
    made = save_form(world.deps, ASK, "mara", 0)
    save_form(world.deps, replace(made, title={"en": "Theirs"}), "ada", 1)
    with pytest.raises(Conflict):
        save_form(world.deps, replace(made, title={"en": "Mine"}), "mara", 1)
    with pytest.raises(Conflict):
        save_form(world.deps, replace(ASK, title={"en": "Another"}), "mara", 0)
    assert stored(world)[0].title == {"en": "Theirs"}


def test_two_new_wordings_at_the_same_moment_are_not_one_version(world: World) -> None:
    made = save_form(world.deps, ASK, "mara", 0)
    rival = ConsentWording("ask", "news", 2, {"en": "Theirs"}, MONDAY, "ada")
    with pytest.raises(Conflict):
        save_form(with_rivals(world.deps, lambda: world.put(rival)), saying(made, "Mine"), "mara", 1)
    assert texts(world) == [(1, "Send me news"), (2, "Theirs")]


def test_a_form_sent_twice_is_made_once(world: World) -> None:
    first = save_form(world.deps, ASK, "mara", 0)
    world.later(seconds=1)
    assert save_form(world.deps, ASK, "mara", 0).fields == first.fields
    assert stored(world) == (first, 1)


def test_a_form_is_closed_and_opened_again_and_nothing_else_changes(world: World) -> None:
    made = save_form(world.deps, ASK, "mara", 0)
    set_open(world.deps, "ask", False, "ada")
    set_open(world.deps, "ask", False, "ada")
    closed, version = stored(world)
    assert closed == replace(made, active=False, changed_by="ada", changed_at=world.now)
    assert version == 2
    set_open(world.deps, "ask", True, "ada")
    assert stored(world)[0].active
    with pytest.raises(NotFound):
        set_open(world.deps, "nothing", True, "ada")


def test_a_form_that_was_sent_while_it_is_gone_again_is_no_success(world: World) -> None:
    with pytest.raises(Conflict):
        save_form(world.deps, ASK, "mara", 7)
