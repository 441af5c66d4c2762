"""Console pages: what each of them is given beside its own values."""

from functools import partial
from typing import Any

from chalice import Response

from chalicelib.assign.visibility import Sight, sight_of
from chalicelib.flows.hold_service import held
from chalicelib.handlers.access import csrf_token
from chalicelib.handlers.routes import may_open
from chalicelib.handlers.web import page
from chalicelib.records.rep import Rep
from chalicelib.wiring import service


def console_page(request: Any, person: Rep, template: str, **values: Any) -> Response:
    """A page for somebody signed in: in the frame with the navigation, with the proof its forms carry, and with `may`,
    which says what this person can be offered. After a restore each says that the service is held."""
    return page(
        request,
        template,
        person=person,
        csrf=csrf_token(request),
        may=partial(may_open, person.role),
        held=held(service().deps),
        **values,
    )


def sight_for(person: Rep) -> Sight:
    """Whose leads the person may see, as colleagues are now."""
    return sight_of(person, service().deps.directory.reps())
