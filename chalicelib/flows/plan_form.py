"""A form is made, changed, closed and opened again. What people agreed to on it stays readable for good."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from chalicelib.flows.until_written import until_written
from chalicelib.records.consent_wording import ConsentWording
from chalicelib.records.form import FieldKind, Form, FormField
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored


def save_form(deps: Deps, form: Form, who: str, if_version: int) -> Form:
    """The form as it is stored now; a consent whose text is new to it has a new version, written in the same commit.
    `if_version` is the version that was looked at, 0 for a new form. Raises Conflict when somebody else has changed it
    meanwhile, or there is one of that id."""
    now = deps.clock()
    fields, wordings = _worded(form, wordings_of(deps, form.form_id), now, who)
    changed = replace(form, fields=fields, changed_at=now, changed_by=who)
    try:
        deps.store.commit([Put(changed, if_version), *(Put(wording, 0) for wording in wordings)])
    except Conflict:
        # Sent twice, the second finds what the first has written.
        stored = deps.store.get(Form, form.form_id)
        if stored is None or replace(stored.value, changed_at=now) != changed:
            raise
    deps.directory.forget()
    return changed


def set_open(deps: Deps, form_id: str, is_open: bool, who: str) -> None:
    """Closed, nobody finds it at its address; what was sent stays. Said twice, it is so once. Raises NotFound."""

    def decide(stored: Stored[Form]) -> tuple[None, list[Put]]:
        changed = replace(stored.value, active=is_open, changed_at=deps.clock(), changed_by=who)
        return None, [Put(changed, stored.version)] if stored.value.active != is_open else []

    until_written(deps, Ref(Form, (form_id,)), decide)
    deps.directory.forget()


def wordings_of(deps: Deps, form_id: str) -> list[ConsentWording]:
    """All versions of what the form's consents said, by field and version."""
    return [stored.value for stored in deps.store.query(ConsentWording, form_id)]


def _worded(
    form: Form, written: Iterable[ConsentWording], now: datetime, who: str
) -> tuple[tuple[FormField, ...], list[ConsentWording]]:
    """The fields with the version of what each consent says, and the versions that are new. A text that is taken up
    again is a new version too, so that of two versions the higher was always the later."""
    latest = {wording.name: wording for wording in written}
    fields, new = [], []
    for asked in form.fields:
        if asked.kind is not FieldKind.CONSENT:
            fields.append(asked)
            continue
        last = latest.get(asked.name)
        if last is None or last.text != asked.label:
            last = ConsentWording(form.form_id, asked.name, (last.version if last else 0) + 1, asked.label, now, who)
            new.append(last)
        fields.append(replace(asked, wording=last.version))
    return tuple(fields), new
