"""U3, a customer: "I wrote a month ago; why has nobody answered?" """

from tests.stories.conftest import HTML, World
from tests.stories.people import ANNA, BEN, EVERYBODY

REQUEST = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "message": "Please send us a quotation."}


def submit(world: World) -> str:
    """Send the form as a browser does; the path of the status page."""
    answer = world.client.post("/f/contact", data=REQUEST, headers=HTML)
    assert answer.status_code == 303
    return answer.headers["location"]


def status(world: World, path: str) -> dict[str, object]:
    found: dict[str, object] = world.client.get(path, headers={"Accept": "application/json"}).json()
    return found


def test_the_status_page_says_received_with_whom_and_by_when(world: World) -> None:
    world.put(*EVERYBODY)
    path = submit(world)
    world.work()
    page = world.client.get(path, headers=HTML)
    assert page.status_code == 200
    told = status(world, path)
    assert told["with"] in (ANNA.name, BEN.name)
    assert str(told["with"]) in page.text
    assert told["confirmation"] == "sent"
    assert told["state"] == "open"


def test_the_limit_runs_in_the_owners_working_time(world: World) -> None:
    world.put(*EVERYBODY)
    world.later(hours=8.5)  # Monday 17:30 in Berlin: closed.
    told = status(world, submit(world))
    assert str(told["respond_by"]).startswith("2026-03-03T")


def test_after_two_working_days_somebody_else_has_it_and_the_page_says_so(world: World) -> None:
    world.put(*EVERYBODY)
    path = submit(world)
    world.work()
    first = status(world, path)
    world.later(days=2)
    told = status(world, path)
    assert told["state"] == "escalated"
    assert told["escalations"] >= 1  # type: ignore[operator]
    assert told["with"] != first["with"]
    new_owner = next(r for r in EVERYBODY if getattr(r, "name", "") == told["with"])
    assert any("jana" in m.text.lower() for m in world.mails(new_owner.email))  # type: ignore[union-attr]
    assert "Beispiel" not in world.client.get(path, headers=HTML).text


def test_no_request_older_than_its_limit_lacks_an_escalation(world: World) -> None:
    world.put(*EVERYBODY)
    paths = []
    for n in range(12):
        data = {**REQUEST, "email": f"jana{n}@customer.example.com", "name": f"Jana Beispiel{n}"}
        paths.append(world.client.post("/f/contact", data=data, headers=HTML).headers["location"])
    world.work()
    world.later(days=3)
    assert all(status(world, path)["escalations"] for path in paths)


def test_an_answer_stops_the_clock(world: World) -> None:
    world.put(*EVERYBODY)
    path = submit(world)
    world.work()
    lead_id = world.deps.model.requests()[0][0]
    world.sign_in("anna")
    page = f"/app/leads/{lead_id}"
    sent = {"csrf": world.csrf(page), "kind": "call", "text": "Talked about the quotation."}
    assert world.client.post(f"{page}/note", data=sent, headers=HTML).status_code == 303
    world.later(days=3)
    told = status(world, path)
    assert told["state"] == "answered"
    assert told["escalations"] == 0


def test_a_forged_status_link_opens_nothing(world: World) -> None:
    world.put(*EVERYBODY)
    path = submit(world)
    answer = world.client.get(path[:-2] + ("aa" if path[-2:] != "aa" else "bb"))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
