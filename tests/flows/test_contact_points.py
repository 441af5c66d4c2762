"""Each kind of contact point counts: who has one can be reached, by it, and who has none is kept and listed."""

from chalicelib.flows.row_desk import NO_WAY
from chalicelib.flows.upload_list import run_upload, start_upload
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageState
from chalicelib.records.upload import RowResults, Upload
from tests.stories.conftest import World
from tests.stories.people import EVERYBODY, FAIR

HEADER = "name,email,phone,WeChat,WeCom,Address,opt out\n"


def load(world: World, text: str, basis: str = "") -> tuple[Upload, list[Lead], list[str]]:
    """The upload, each row's person, and what is said of each row."""
    world.put(*EVERYBODY, FAIR)
    upload = start_upload(world.deps, text.encode(), "l.csv", FAIR.campaign_id, basis, {}, "eva")
    upload = run_upload(world.deps, upload.import_id)
    rows = [row for part in world.deps.store.query(RowResults, upload.import_id) for row in part.value.results]
    leads = [world.deps.store.get(Lead, lead_id) for _, _, lead_id, _ in rows]
    return upload, [lead.value for lead in leads if lead], [why for *_, why in rows]


def test_a_person_is_reached_by_what_they_gave(world: World) -> None:
    rows = ("Anna Weber,,,anna_w88,,,", "Bo Li,,,,li.bo,,", "Cy Hall,,,,,1 Test Street,", "Di Ek,,,,,1 Test Street,yes")
    upload, leads, said = load(world, HEADER + "\n".join((*rows, "Ed Orr,,,,,,")))
    assert [lead.next_channel for lead in leads] == ["wechat", "wecom", "post", "", ""]
    assert [lead.next_reason for lead in leads[3:]] == ["no promotion is wanted", "no e-mail and no phone"]
    assert [lead.flags for lead in leads] == [(), (), (), (), ("unreachable",)]
    assert (upload.unreachable, upload.refused, said) == (1, 0, ["", "", "", "", NO_WAY])


def test_who_is_unreachable_in_one_row_and_not_in_the_next_is_not_listed(world: World) -> None:
    upload, leads, said = load(world, "name,company,WeChat\nAnna Weber,Nord AG,\nAnna Weber,Nord AG,anna_w88\n")
    assert (upload.unreachable, {lead.lead_id for lead in leads}, said[0]) == (0, {leads[0].lead_id}, "")
    assert leads[0].extra == {"wechat": "anna_w88"}


def test_a_basis_in_the_list_counts_for_its_own_row(world: World) -> None:
    rows = ("Anna Weber,anna@example.com,consent at the stand", "Bo Li,bo@example.com,Not applicable")
    _, leads, _ = load(world, "\n".join(("name,email,Legal basis", *rows, "Cy Hall,cy@example.com,")))
    mails = [world.deps.store.query(Message, lead.lead_id)[0].value for lead in leads]
    assert [mail.state for mail in mails] == [MessageState.PENDING, MessageState.HELD, MessageState.HELD]
    assert leads[0].next_reason == "legal basis: consent at the stand"
