"""Each function's policy is what its code asks of AWS and no more: a day of work on a double of AWS is noted, call by
call, and compared with the policies both ways. Every story on that double makes the first of the two comparisons."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from chalicelib.engine_aws import open_aws
from chalicelib.flows.dead_letters import CHANGES, TOPICS
from chalicelib.flows.decide_kept import list_kept
from chalicelib.flows.draft_upload import keep_draft
from chalicelib.flows.find_lead import leads_named
from chalicelib.flows.reconcile import reconcile_part
from chalicelib.flows.sign_in_oidc import forget_identity, person_of
from chalicelib.flows.upload_chunks import begin_upload
from chalicelib.flows.upload_list import start_upload
from chalicelib.handlers import functions
from chalicelib.identify import search_words
from chalicelib.records.arrival import Entry
from chalicelib.records.campaign import Campaign
from chalicelib.records.deliveries import GivenUp
from chalicelib.records.doubt import SamePerson
from chalicelib.records.erasure import Suppression
from chalicelib.records.hold import RESTORE, Hold
from chalicelib.records.intake import Intake
from chalicelib.records.lead import Lead
from chalicelib.records.mail_ports import Paced
from chalicelib.records.message import Message, MessageKind
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import Delete, Put, Ref, StoreUnavailable
from chalicelib.records.receipt import Receipt, ReceiptOutcome
from chalicelib.records.rep import Rep
from chalicelib.records.search import KeptQuery, LeadQuery
from chalicelib.records.sign_in import RateWindow
from chalicelib.records.touch import Touch, TouchKind
from chalicelib.records.upload import Upload, UploadState
from chalicelib.records.visit import Visit
from chalicelib.settings import Settings
from chalicelib.store.door_aws import QueueOrBlobDoor
from chalicelib.store.index_blobs import GRACE, MOST_RECORDS, SEGMENTS, BlobReadModel
from chalicelib.store.index_segments import packed
from chalicelib.wiring import provider_secret, service, use
from tests.aws_events import context, queue_event, queue_record, stream_event
from tests.aws_policies import (
    FUNCTIONS,
    HTTP,
    LOGS,
    OF_QUEUES,
    OF_STREAMS,
    SENDER,
    Grant,
    Recorder,
    grants,
    running,
)
from tests.aws_world import FUNCTIONS as AWS_FUNCTIONS
from tests.aws_world import NAMES
from tests.doubles import Down
from tests.exports import HUBSPOT, zipped
from tests.handlers.desk import JANA, SEMINAR, Desk
from tests.handlers.test_downloads import Many
from tests.ses_events import event, of_row
from tests.stories.conftest import KEY, MONDAY, World, deployed_world
from tests.stories.people import ADA, EVERYBODY, SIGN_UP

WAITS = {"name": "Max Muster", "message": "Please call"}
JSON = {"Content-Type": "application/json"}
API = {"Authorization": f"Bearer {KEY}"}
LIST = "name,email,company\nA Example,a@one.example.com,One\nB Example,b@two.example.com,Two\n,,Nobody AG\n"
OLD_FORM = Intake("00D5j000001uVaT", Entry.WEB_TO_LEAD, "Old form", MONDAY)
OBJECTING = "name,email,unsubscribed\nC Example,c@three.example.com,yes\n"


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    with deployed_world("moto", tmp_path_factory.mktemp("policies"), MONDAY) as world:
        assert world.pump
        a_day(world)
        yield world.pump.recorder


def a_day(world: World) -> None:
    """Something of everything that asks AWS for something."""
    cold_starts(world)
    the_first_minute(world)
    world.put(*EVERYBODY, ADA, SIGN_UP, SEMINAR, OLD_FORM)
    desk = Desk(world)
    visitors(desk)
    world.sign_in("ada")
    visits(desk)
    world.client.cookies.clear()
    what_became_of_mail(world)
    the_door(world)
    world.sign_in("ada")
    set_aside(desk)
    lists(desk)
    the_console(desk)
    the_clock(desk)
    forgetting(desk)


def cold_starts(world: World) -> None:
    """Every function reads the secret; those that send mail have SES, or SMTP's password, from here on."""
    assert world.pump
    clients, settings = world.pump.clients, world.pump.settings
    for name in ("secret", "oidc", "smtp"):
        clients.ssm().put_parameter(Name=f"/leadline/test/{name}", Value="x" * 40, Type="SecureString")
    clients.ses().create_email_identity(EmailIdentity="hello@example.com")
    clients.ses().create_configuration_set(ConfigurationSetName="deliveries")
    chosen = replace(settings, secret="", secret_parameter="/leadline/test/secret", sender=SENDER)
    for function in FUNCTIONS:
        with running(function):
            open_aws(chosen).close()
    with running(HTTP):
        provider_secret(replace(chosen, oidc_secret_parameter="/leadline/test/oidc"))
    by_smtp = replace(chosen, smtp_host="mail.example.com", smtp_password_parameter="/leadline/test/smtp")
    for function in ("on_outbox", "on_tick"):
        with running(function):
            assert open_aws(by_smtp).transport.send
    with_ses(world, replace(chosen, configuration_set="deliveries"))


def with_ses(world: World, settings: Settings) -> None:
    world.deps = replace(world.deps, transport=open_aws(settings).transport)
    use(replace(service(), deps=world.deps))


def asks_anew(world: World) -> None:
    """From here on another process, which has not asked yet what mail may leave."""
    assert isinstance(world.deps.transport, Paced)
    world.deps.transport.pace.refused(0)


def the_first_minute(world: World) -> None:
    """Nobody is there yet: the setting's administrator is made."""
    found = service()
    use(replace(found, settings=replace(found.settings, admin_email="first@example.com")))
    world.pump.tick()  # type: ignore[union-attr]
    use(found)


def visitors(desk: Desk) -> None:
    desk.ask()
    desk.ask("seminar", email="jana@customer.example.com")
    desk.ask(name="Peter Andersson", email="peter@customer.example.org")
    unreadable(desk.world)
    desk.world.client.post("/v1/leads", json=JANA | {"email": "jana@customer.example.net"}, headers=API)
    desk.world.client.post(
        "/servlet/servlet.WebToLead", data={"oid": OLD_FORM.intake_id, "email": "o@customer.example.net"}
    )
    desk.world.work()


def visits(desk: Desk) -> None:
    """A site tells of a visitor, who then wants none of it kept; the site is taken away again."""
    assert desk.post("/app/forms/website", "/app/forms/website", host="www.site.example").status_code == 303
    told = {"visitor": "0a" * 16, "visit": "0123456789ab", "sent": 0, "age": 0, "views": [[0, "/"]]}
    for body in (told, {"forget": "0a" * 16}):
        headers = {"Origin": "https://www.site.example", "User-Agent": "Mozilla/5.0 (X11) Gecko/20100101 Firefox/145.0"}
        assert desk.world.client.post("/t", json=body, headers=headers).status_code == 204
    path = "/app/forms/website/www.site.example/remove"
    assert desk.post(path, "/app/forms/website").status_code == 303


def the_door(world: World) -> None:
    """The store is down: what comes in waits in the queue, in the bucket where the queue is down as well, and is done
    by the clock. The second may be the first at another address, which is noted for somebody to look at."""
    down: Any = Down(StoreUnavailable("down"))
    doors = (world.deps.door, QueueOrBlobDoor(down, world.deps.blobs))
    for number, door in enumerate(doors):
        use(replace(service(), deps=replace(world.deps, store=down, door=door)))
        more = {"company": "Wait AG", "phone": "+49 30 5550199"}
        sent = WAITS | more | {"email": ("waits@first.example.org", "max@elsewhere.example.net")[number]}
        assert world.client.post("/f/contact", json=sent).status_code == 202
        assert world.client.post("/f/contact", content=str(number), headers=JSON).status_code == 202
    use(replace(service(), deps=world.deps))
    world.work()
    assert world.deps.store.query(SamePerson)


def set_aside(desk: Desk) -> None:
    """One is released, one dropped, one done again; what is left is forgotten in time."""
    world = desk.world
    world.deps = replace(world.deps, keep_raw=timedelta(days=10), keep_audit=timedelta(days=10))
    use(replace(service(), deps=world.deps))
    for number in range(2):
        spam = WAITS | {"email": f"spam{number}@customer.example.org", "company": "www.example.com"}
        assert world.client.post("/f/contact", json=spam).status_code == 201
    unknown = WAITS | {"email": "api@customer.example.org", "campaign": "Later"}
    assert world.client.post("/v1/leads", json=unknown, headers=API).status_code == 422
    assert world.client.post("/v1/leads", content="x", headers={**API, **JSON}).status_code == 400
    world.put(Campaign("later", "Later"))
    world.work()
    assert desk.get("/app/kept").status_code == 200
    first, second = (kept.kept_id for kept in list_kept(world.deps, KeptQuery("quarantined"))[0])
    decided = [(first, "let-in"), (second, "drop")]
    decided += [(kept.kept_id, "let-in") for kept in list_kept(world.deps, KeptQuery("rejected"))[0] if kept.size > 9]
    for kept_id, what in decided:
        path = f"/app/kept/{kept_id}"
        assert desk.post(f"{path}/{what}", path).status_code == 303, what


def what_became_of_mail(world: World) -> None:
    """A complaint, of which the lead's owner is told; an address that is dead; a mail that is not ours."""
    assert world.pump
    (lead_id,) = (row.lead_id for row in world.deps.model.leads(LeadQuery(text="jana")).rows)
    mail = next(s.value for s in world.deps.store.query(Message, lead_id) if s.value.kind is MessageKind.CONFIRMATION)
    world.deps.directory.forget()
    world.pump.tell(of_row("Complaint", mail), of_row("Bounce", mail), event("Bounce", ("L8", "M8", "0.1"), mail.to))
    world.work()


def unreadable(world: World) -> None:
    """One record among others: it goes on alone."""
    assert world.pump
    odd = {"kind": {"S": "Lead"}, "version": {"N": "1"}, "body": {"B": b'{"nonsense": 1}'}, "write_id": {"S": "x"}}
    item = {"pk": {"S": "LEAD#L9"}, "sk": {"S": "LEAD"}, **odd}
    world.pump.clients.dynamodb().put_item(TableName=world.pump.settings.table, Item=item)
    told = {"refs": [["Lead", "L9"], ["Lead", "L8"]]}
    with running("on_index"):
        assert functions.on_index(queue_event([told]), context()) == {"batchItemFailures": []}
    world.deps.store.commit([Delete(Ref(Lead, ("L9",)))])


def lists(desk: Desk) -> None:
    world, files = desk.world, {"file": ("cards.csv", LIST.encode(), "text/csv")}
    # From the console as a draft, by the API with the file, and announced: then it goes to the bucket itself.
    sent = {"csrf": world.csrf("/app/uploads/new"), "campaign": "fair", "basis": "consent"}
    begun = world.client.post("/app/uploads", data=sent, files=files)
    draft = begun.headers["location"]
    page = desk.get(draft).text
    chosen = dict(re.findall(r'<select name="(column-\d+)".*?<option value="([^"]*)" selected', page, re.DOTALL))
    parts = {name: (None, value) for name, value in {**chosen, "csrf": sent["csrf"], "action": "load"}.items()}
    assert world.client.post(draft, files=parts).status_code == 303
    world.work()
    form = {"campaign": "fair", "basis": "consent"}
    by_api = world.client.post("/v1/imports", data=form, files=files, headers=API).json()["import_id"]
    world.work()
    assert desk.get(f"/app/uploads/{by_api}/errors.csv").status_code == 200
    asked = {"csrf": sent["csrf"], "file_name": "big.csv", "campaign": "fair"}
    assert world.client.post("/app/uploads/prepare", data=asked).status_code == 200
    announced = {"file_name": "big.csv", "campaign": "fair"}
    assert world.client.post("/v1/imports", json=announced, headers=API).status_code == 202
    in_chunks(world)
    told_again(world, by_api)
    taken_back(world, desk)
    brought_along(world, desk)


def brought_along(world: World, desk: Desk) -> None:
    """A whole export of another product, taken back and put back."""
    files = {"file": ("export.zip", zipped(HUBSPOT), "application/zip")}
    import_id = world.client.post("/v1/imports", data={"campaign": "ads"}, files=files, headers=API).json()["import_id"]
    world.work()
    for back in ("", "1"):
        desk.post(f"/app/uploads/{import_id}/undo", back=back)
        world.work()
    assert "users.csv" in desk.get(f"/app/uploads/{import_id}").text


def taken_back(world: World, desk: Desk) -> None:
    """A list whose columns were corrected is taken back and put back; one more undo leaves whoever wrote since."""
    # The two may be one: same number and family name.
    text = "name,email,phone,company\nXaver Back,,+49 30 777777,A\nYvonne Back,,+49 30 777777,B\n"
    form = {"campaign": "fair", "mapping": json.dumps({"company": "title"})}
    files = {"file": ("back.csv", text, "text/csv")}
    import_id = world.client.post("/v1/imports", data=form, files=files, headers=API).json()["import_id"]
    world.work()
    for back in ("", "1"):
        desk.post(f"/app/uploads/{import_id}/undo", back=back)
        world.work()
    # Who wrote meanwhile is left as they are, and listed.
    world.client.post("/v1/leads", json={"name": "Xaver Back", "phone": "+49 30 777777"}, headers=API)
    world.client.post(f"/v1/imports/{import_id}/undo", headers=API)
    world.work()
    assert world.client.get(f"/v1/imports/{import_id}", headers=API).json()["kept"]
    assert desk.get(f"/app/uploads/{import_id}").status_code == 200


def in_chunks(world: World) -> None:
    """A list longer than one call places."""
    upload = start_upload(world.deps, LIST.encode(), "long.csv", "ads", "consent", {}, "a program")
    with running("on_upload"):
        begin_upload(world.deps, upload.import_id, again=False, chunk_rows=2)
    world.work()
    # Another says of somebody that no promotion is wanted.
    again = start_upload(world.deps, OBJECTING.encode(), "late.csv", "fair", "consent", {}, "a program")
    with running("on_upload"):
        begin_upload(world.deps, again.import_id, again=False)
    world.work()


def told_again(world: World, import_id: str) -> None:
    """Messages that come again: the file has gone meanwhile; all chunks are done and only the end is missing."""
    store = world.deps.store
    stored = store.get(Upload, import_id)
    assert stored
    # It named somebody who was erased.
    running_still = replace(stored.value, state=UploadState.RUNNING, finished_at=None, suppressed=1)
    kept = {"header": ["name", "email", "company"], "rows": [r.split(",") for r in LIST.splitlines()[1:]], "bad": []}
    for deliver, name, body in (
        (functions.on_upload, "on_upload", {"import_id": import_id}),
        (functions.on_chunk, "on_chunk", {"import_id": import_id, "chunk": 0}),
    ):
        store.commit([Put(running_still)])
        world.deps.blobs.put(f"uploads/{import_id}/rows/000000", json.dumps(kept).encode())
        with running(name):
            assert deliver(queue_event([body], attempt=2), context()) == {"batchItemFailures": []}
    store.commit([Put(replace(stored.value, state=UploadState.READING, done=0))])
    world.deps.blobs.delete(f"uploads/{import_id}/source")
    with running("on_upload"):
        functions.on_upload(queue_event([{"import_id": import_id}]), context())


def the_console(desk: Desk) -> None:
    world = desk.world
    look_with(world, "cold", datetime.now(UTC))
    asks_anew(world)
    for path in ("/app", "/app/leads", "/app/returns", "/app/operations", "/app/reps", "/app/seminars", "/app/uploads"):
        assert desk.get(path).status_code == 200, path
    (lead_id,) = (row.lead_id for row in world.deps.model.leads(LeadQuery(text="jana")).rows)
    assert desk.post(f"/app/leads/{lead_id}/note", f"/app/leads/{lead_id}", kind="call").status_code == 303
    spent = desk.post(
        "/app/campaigns/fair/spend", "/app/campaigns/fair", spent_on="2026-02-01", amount="10.00", currency="EUR"
    )
    assert spent.status_code == 303, spent.text
    found = re.search(r'action="(/app/campaigns/fair/spend/[^/"]+/remove)"', desk.get("/app/campaigns/fair").text)
    assert found
    assert desk.post(found.group(1), "/app/campaigns/fair").status_code == 303
    assert desk.post("/app/returns/refresh").status_code == 303
    two_people(desk)
    one_person(desk)
    a_large_file(desk)
    given_up(desk)
    world.work()
    assert desk.post("/app/sign-out", "/app").status_code == 303


def two_people(desk: Desk) -> None:
    """Of one name and company at other addresses: somebody says that they are two."""
    for place in ("home.example.com", "far-away.example.net", "third.example.org"):
        desk.ask(name="Wim Muster", email=f"wim@{place}", company="Nord AG")
    pairs = desk.world.deps.store.query(SamePerson)
    # One of them is left, and goes with the person who is erased.
    for pair in pairs[1:]:
        assert desk.post(f"/app/review/{pair.value.pair_id}/apart", "/app/review").status_code == 303
    assert len(pairs) > 1


def one_person(desk: Desk) -> None:
    """Somebody is there twice: made one, parted again, and forgotten in time; the two may be one to another, too."""
    world = desk.world
    desk.ask(name="Uma Muster", email="uma@home.example.com", company="West AG", phone="")
    desk.ask(name="U. Muster", email="uma@far-away.example.net", company="West AG", phone="")
    (first,), (second,) = (
        leads_named(world.deps, f"uma@{place}") for place in ("home.example.com", "far-away.example.net")
    )
    path = f"/app/leads/{first}"
    assert desk.post(f"{path}/merge", path, **{"with": second}).status_code == 303
    world.work()
    assert desk.get(f"/app/leads/{second}").status_code == 303
    for back in ("", "1", ""):
        assert desk.post(f"{path}/part", path, gone=second, back=back).status_code == 303
        world.work()


def a_large_file(desk: Desk) -> None:
    """More leads than one answer holds: the file goes to the bucket, and the browser fetches it in the name of the
    function that signed the link."""
    world, before = desk.world, desk.world.deps
    large: Any = Many(before.model, 40_000)
    world.deps = replace(before, model=large)
    use(replace(service(), deps=world.deps))
    link = desk.get("/app/leads.csv?text=jana").headers["location"]
    with running(HTTP):
        assert world.deps.blobs.get("downloads/" + urlsplit(link).path.partition("/downloads/")[2])
    world.deps = before
    use(replace(service(), deps=before))


def given_up(desk: Desk) -> None:
    """Of each queue a message that was given up, why the functions gave one up, and changes that were not passed on."""
    world = desk.world
    assert world.pump
    sqs, prefix = world.pump.clients.sqs(), world.pump.settings.queue_prefix
    for topic in (*TOPICS, CHANGES):
        url = sqs.create_queue(QueueName=f"{prefix}{topic}-dead")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"refs": []}))
    for topic, function in AWS_FUNCTIONS.items():
        with running(NAMES[topic]):
            function({"Records": [queue_record("not ours", attempt=5)]}, context())
    world.deps.blobs.put(
        "aws/lambda/failed",
        json.dumps({"payload": stream_event([Ref(Lead, ("L8",)), Ref(Message, ("L8", "M"))])}).encode(),
    )
    down: Any = Down(StoreUnavailable("down"))
    door = QueueOrBlobDoor(down, world.deps.blobs)
    for place in (world.deps.door, door):
        use(replace(service(), deps=replace(world.deps, store=down, door=place)))
        assert world.client.post("/f/contact", content="{", headers=JSON).status_code == 202
    use(replace(service(), deps=world.deps))
    assert desk.get("/app/operations/waiting").status_code == 200
    assert desk.post("/app/operations/waiting/replay").status_code == 303


def the_clock(desk: Desk) -> None:
    """Weeks later: late answers, news of a seminar and a seat given to who waited, somebody who has left, a file whose
    notice was lost, what has expired, and a log of the read model that is too long."""
    world, store = desk.world, desk.world.deps.store
    assert world.pump
    assert desk.post("/app/sign-in/link", "/app/sign-in", email="eva@example.com").status_code == 303
    with running(HTTP):
        # As somebody does who signs in by another account of the identity provider.
        assert person_of(world.deps, "https://id.example.com", "subject", "eva@example.com")
        forget_identity(world.deps, "https://id.example.com", "eva")
    world.sign_in("ada")
    desk.ask("seminar", name="Second Guest", email="second@customer.example.org", phone="")
    left = [Put(replace(rep, active=False)) for rep in EVERYBODY if isinstance(rep, Rep) and rep.rep_id == "anna"]
    store.commit([*left, Put(replace(SEMINAR, seats=9, sequence=1, told_sequence=0))])
    late = next(s.value for s in store.query(Upload) if s.value.state is UploadState.READING)
    world.deps.blobs.put(f"uploads/{late.import_id}/source", LIST.encode())
    store.commit([Put(RateWindow("over", 1, world.now)), Put(GivenUp("index", "1", "no reason", world.now, world.now))])
    store.commit([Put(Visit("over", "1", "www.site.example", world.now, world.now, ((0, "/"),)))])
    too_long(world)
    world.now += timedelta(days=16)
    world.deps.directory.forget()
    asks_anew(world)
    came = Receipt("untold", "", ReceiptOutcome.ACCEPTED, world.now, "L7", "untold")
    store.commit([Put(Touch("untold", "L7", TouchKind.FORM, world.now)), Put(Lead("L7")), Put(came)])
    with running("on_tick"):
        # The feed has not told of it yet: the clock finds it by itself.
        assert sum(reconcile_part(world.deps, number, 30) for number in range(30))
    world.pump.tick()
    world.pump.tick()
    world.work()


def forgetting(desk: Desk) -> None:
    """A visitor and a customer of a list ask to be forgotten; a service that was restored is let go."""
    world, store = desk.world, desk.world.deps.store
    world.sign_in("ada")
    keep_draft(world.deps, b"name,email\nJana Beispiel,jana@customer.example.com\n", "late.csv", "fair", "", "ada")
    store.commit([Put(Suppression("over", world.now, world.now)), Put(Hold(RESTORE, world.now))])
    assert desk.post("/app/restore/release", "/app/restore").status_code == 303
    (lead_id,) = (row.lead_id for row in world.deps.model.leads(LeadQuery(text="one.example")).rows)
    assert world.client.post(f"/u/{world.deps.links.make('preferences', lead_id)}").status_code == 200
    # The books keep what was sold, without a name.
    won = Opportunity("D1", lead_id, "Pumps for Ms Example", Money(100_00, "EUR"), OpportunityStage.WON)
    store.commit([Put(won)])
    for text in ("jana", "one.example", "wim", "wait"):
        for row in world.deps.model.leads(LeadQuery(text=text)).rows:
            page = f"/app/leads/{row.lead_id}/erase"
            assert desk.post(page, page, sure="yes").status_code == 303
    world.work()
    world.later(minutes=2)
    assert world.deps.model.leads(LeadQuery(text="jana")).total == 0


def too_long(world: World) -> None:
    """A log that has to be packed; and whoever looks comes late enough to drop what a snapshot made needless."""
    world.deps.blobs.put(f"{SEGMENTS}{world.deps.new_id()}.{MOST_RECORDS + 1}", packed([], world.now))
    look_with(world, "late", datetime.now(UTC) + 2 * GRACE)


def look_with(world: World, name: str, now: datetime) -> None:
    """From here on by a copy of the read model that is still empty, as another process has it."""
    folder = world.pump.settings.data / name  # type: ignore[union-attr]
    model = BlobReadModel(world.deps.blobs, folder, world.deps.new_id, search_words, seconds=0, clock=lambda: now)
    world.deps = replace(world.deps, model=model)
    use(replace(service(), deps=world.deps))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_it_does(noted: Recorder, function: str) -> None:
    assert [line for line in noted.refused() if line.startswith(function)] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_nothing_that_it_does_not_do(noted: Recorder, function: str) -> None:
    needs = noted.needs[function]
    asked_of = [part for grant in grants(function, noted.given) for part in grant.parts if not by_lambda(part)]
    assert [str(part) for part in asked_of if not any(part.covers(need) for need in needs)] == []


def by_lambda(grant: Grant) -> bool:
    """Allowed without a call of ours: what Lambda does with log, queue and stream in the function's name."""
    kept = grant.sid == "KeepWhatFailed" or (grant.function == "on_change" and grant.action == "s3:ListBucket")
    return kept or grant.action in {*LOGS, *OF_QUEUES, *OF_STREAMS}
