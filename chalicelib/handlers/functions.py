"""The Lambda functions beside HTTP: feed, queues and clock. Each only turns its event into a call.

Lambda loads this module for them, not the app. The stream's address and the queues' exact addresses are filled in when
the package is made. Whatever is heavy is imported inside: numpy in on_report alone, jinja2 where a mail is rendered."""

from collections.abc import Callable
from typing import Any

from chalice import Blueprint, Chalice, Rate

from chalicelib.handlers.batches import Note, answer_batch
from chalicelib.handlers.lambda_log import structured
from chalicelib.records.ports import Deps
from chalicelib.records.queue_ports import ATTEMPTS
from chalicelib.wiring import service

functions = Blueprint(__name__)

STREAM = "of-the-data-stack"
# Work ends this long before the function's time does, so that what was begun is written.
RESERVE_MS = 15_000


Handler = Callable[[Any], Any]


def _on_stream(name: str) -> Callable[[Handler], Handler]:
    made: Callable[[Handler], Handler] = functions.on_dynamodb_record(
        stream_arn=STREAM, batch_size=100, starting_position="TRIM_HORIZON", name=name
    )
    return made


def _on_queue(topic: str, name: str, batch_size: int = 10) -> Callable[[Handler], Handler]:
    made: Callable[[Handler], Handler] = functions.on_sqs_message(queue=topic, batch_size=batch_size, name=name)
    return made


def _each_minute(name: str) -> Callable[[Handler], Handler]:
    made: Callable[[Handler], Handler] = functions.schedule(Rate(1, unit=Rate.MINUTES), name=name)
    return made


def register(app: Chalice) -> None:
    """Make them functions of this app's package."""
    app.register_blueprint(functions)


def _deps() -> Deps:
    structured()
    return service().deps


def _noted(deps: Deps, topic: str) -> Note:
    """At a message's last attempt, notes why it is given up."""

    def note(message_id: str, attempt: int, why: str) -> None:
        if attempt >= ATTEMPTS:
            from chalicelib.flows.dead_letters import note_failure

            note_failure(deps, topic, message_id, attempt, why)

    return note


@_on_stream("on_change")
def on_change(event: Any) -> None:
    from chalicelib.handlers.on_change import on_change as pass_on

    pass_on(_deps(), event.to_dict()["Records"])


@_on_queue("index", "on_index")
def on_index(event: Any) -> Any:
    from chalicelib.handlers.on_change import on_index as show

    deps = _deps()
    return answer_batch(event.to_dict(), lambda deliveries: show(deps, deliveries), _noted(deps, "index"))


@_on_queue("outbox", "on_outbox")
def on_outbox(event: Any) -> Any:
    from chalicelib.handlers.on_change import on_outbox as send

    deps, late = _deps(), _until_late(event.context)
    return answer_batch(event.to_dict(), lambda deliveries: send(deps, deliveries, late), _noted(deps, "outbox"))


@_on_queue("mail-events", "on_mail_event")
def on_mail_event(event: Any) -> Any:
    from chalicelib.handlers.on_mail_event import on_mail_event as hear

    deps, topic = _deps(), service().settings.mail_topic
    return answer_batch(event.to_dict(), lambda deliveries: hear(deps, deliveries, topic), _noted(deps, "mail-events"))


@_on_queue("reports", "on_report")
def on_report(event: Any) -> Any:
    from chalicelib.handlers.on_report import answer_all

    deps, currency = _deps(), service().settings.base_currency
    return answer_batch(
        event.to_dict(), lambda deliveries: answer_all(deps, deliveries, currency), _noted(deps, "reports")
    )


@_on_queue("uploads", "on_upload", 1)
def on_upload(event: Any) -> Any:
    from chalicelib.handlers.on_upload import take_uploads

    deps, bucket = _deps(), service().settings.bucket
    return answer_batch(
        event.to_dict(), lambda deliveries: take_uploads(deps, deliveries, bucket), _noted(deps, "uploads")
    )


@_on_queue("chunks", "on_chunk", 1)
def on_chunk(event: Any) -> Any:
    from chalicelib.handlers.on_chunk import on_chunk as place

    deps = _deps()
    return answer_batch(event.to_dict(), lambda deliveries: place(deps, deliveries), _noted(deps, "chunks"))


@_each_minute("on_tick")
def on_tick(event: Any) -> None:
    from chalicelib.flows.first_admin import name_first_admin
    from chalicelib.flows.keep_counts import count_unanswered
    from chalicelib.handlers.lambda_metrics import sweep_completed
    from chalicelib.handlers.on_tick import keep_house, make_up_for_the_feed
    from chalicelib.handlers.on_tick import on_tick as tick

    deps, late = _deps(), _until_late(event.context)
    name_first_admin(deps, service().settings.admin_email)
    keep_house(deps, late)
    if tick(deps, late, look_first=True).complete:
        # To standard output as it is: CloudWatch reads metrics from lines that are nothing else.
        print(sweep_completed(service().settings.table, count_unanswered(deps), deps.clock()), flush=True)
    make_up_for_the_feed(deps, late)


def _until_late(context: Any) -> Any:
    """Whether little of the function's time is left."""
    return lambda: context.get_remaining_time_in_millis() < RESERVE_MS
