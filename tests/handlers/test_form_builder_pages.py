"""The form builder: steps store nothing, what is wrong is named in place, and what was made is what visitors see."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import httpx
import pytest

from chalicelib import wiring
from chalicelib.flows.plan_form import save_form
from chalicelib.records.consent_wording import ConsentWording
from chalicelib.records.form import FieldKind, Form, FormField
from chalicelib.records.rep import Rep, Role
from chalicelib.records.touch import Touch
from chalicelib.store.directory import CachedDirectory
from tests.handlers.desk import Desk, open_desk, words
from tests.page_forms import fields_of
from tests.stories.conftest import HTML

MARA = Rep("mara", "Mara Example", "mara@example.com", Role.MARKETER)
ATTACK = '"><script>alert(1)</script>'
OPTIONS = {"field.3.options.en": "Now\nLater", "field.3.options.zh-Hans": "现在\n以后"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path, "mara", MARA)


def shown(answer: httpx.Response) -> dict[str, str]:
    return fields_of(answer.text, "builder")


def send(desk: Desk, path: str, fields: dict[str, str], do: str = "save", **changed: str) -> httpx.Response:
    return desk.world.client.post(path, data={**fields, "do": do, **changed}, headers=HTML)


def begun(desk: Desk) -> dict[str, str]:
    """A new form in two languages, with its titles."""
    fields = shown(desk.get("/app/forms/new"))
    del fields["language.zh-Hant"]
    return fields | {"title.en": "Ask us", "title.zh-Hans": "联系我们"}


def made(desk: Desk, **changed: str) -> str:
    answer = send(desk, "/app/forms", begun(desk), **changed)
    assert answer.status_code == 303, words(answer.text)
    return str(answer.headers["location"].partition("?")[0])


def form(desk: Desk, form_id: str = "ask-us") -> Form:
    found = desk.world.deps.store.get(Form, form_id)
    assert found
    return found.value


def keys(fields: dict[str, str]) -> list[str]:
    return [value for name, value in fields.items() if re.fullmatch(r"field\.\d+\.key", name)]


def test_a_step_rearranges_the_page_and_stores_nothing(desk: Desk) -> None:
    fields = begun(desk)
    assert keys(fields) == ["name", "email", "company", "message"]
    fields = shown(send(desk, "/app/forms", fields, "down.0"))
    fields = shown(send(desk, "/app/forms", fields, "add", add="phone"))
    fields = shown(send(desk, "/app/forms", fields, "remove.2"))
    assert keys(fields) == ["email", "name", "message", "phone"]
    assert fields["title.en"] == "Ask us"
    assert keys(shown(send(desk, "/app/forms", fields, "add", add="phone"))) == keys(fields)
    assert desk.world.deps.store.get(Form, "ask-us") is None


def test_a_saved_form_is_what_visitors_see_in_each_of_its_languages(desk: Desk) -> None:
    fields = shown(send(desk, "/app/forms", begun(desk), "remove.3"))
    fields = shown(send(desk, "/app/forms", fields, "add", add="choice"))
    fields |= {"field.3.label.en": "When?", "field.3.label.zh-Hans": "何时？", **OPTIONS, "field.2.required": "yes"}
    assert send(desk, "/app/forms", fields).headers["location"] == "/app/forms/ask-us?said=saved"
    english = desk.get("/f/ask-us").text
    assert "Ask us" in english
    assert re.search(r'name="company"[^>]* required', english)
    assert '<option value="Later">Later</option>' in english
    chinese = desk.get("/f/ask-us?lang=zh-Hans").text
    assert '<option value="Later">以后</option>' in chinese
    assert "何时？" in chinese
    # It is not there in traditional characters: the nearest is shown, and the switch does not offer them.
    nearest = desk.get("/f/ask-us", **{"Accept-Language": "zh-TW"}).text
    assert '<html lang="zh-Hans">' in nearest
    assert "繁體中文" not in nearest


def test_an_answer_to_a_question_of_the_forms_own_is_kept_with_the_submission(desk: Desk) -> None:
    fields = shown(send(desk, "/app/forms", begun(desk), "add", add="choice"))
    labels = {"field.4.label.en": "When do you need it?", "field.4.label.zh-Hans": "何时？"}
    options = {name.replace("3", "4", 1): text for name, text in OPTIONS.items()}
    send(desk, "/app/forms", fields | labels | options)
    desk.ask("ask-us", **{"when-do-you-need-it": "Later"})
    lead_id = desk.lead_path().rpartition("/")[2]
    (touch,) = (stored.value for stored in desk.world.deps.store.query(Touch, lead_id))
    assert touch.details["when-do-you-need-it"] == "Later"
    desk.world.sign_in("ada")
    assert "When do you need it? Later" in desk.page(f"/app/leads/{lead_id}")
    assert "何时？ Later" in desk.page(f"/app/leads/{lead_id}", **{"Accept-Language": "zh-CN"})


def test_what_is_wrong_is_named_beside_it_and_what_was_typed_is_kept(desk: Desk) -> None:
    fields = shown(send(desk, "/app/forms", begun(desk), "add", add="line"))
    fields |= {
        "title.zh-Hans": "",
        "field.4.label.en": "Budget",
        "goes_to": "http://example.com",
        "thanks.en": "Thanks!",
    }
    answer = send(desk, "/app/forms", fields)
    assert answer.status_code == 422
    assert shown(answer) == shown(answer) | {name: text for name, text in fields.items() if name != "add"}
    for name in ("title.zh-Hans", "field.4.label.zh-Hans", "goes_to"):
        assert f'<a href="#f-{name}">' in answer.text
        assert f'id="f-{name}-error"' in answer.text
    assert "5. A question with a short answer · 简体中文" in words(answer.text)
    assert desk.world.deps.store.get(Form, "ask-us") is None


def test_sites_that_may_show_it_are_kept_as_names_and_what_is_none_is_told(desk: Desk) -> None:
    wrong = send(desk, "/app/forms", begun(desk), sites="www.example.com\nhttps://; script-src *")
    assert wrong.status_code == 422
    assert '<a href="#f-sites">' in wrong.text
    assert "one name of a site a line" in wrong.text
    assert "https://; script-src *" in wrong.text
    path = made(desk, sites="https://www.example.com/page\nShop.example.com, www.example.com")
    assert form(desk).sites == ("www.example.com", "shop.example.com")
    assert "Pages of these sites alone may show it: www.example.com shop.example.com" in words(desk.get(path).text)
    edit = shown(desk.get(f"{path}/edit"))
    assert edit["sites"] == "www.example.com\nshop.example.com"
    send(desk, path, edit, sites="")
    assert form(desk).sites == ()
    stale = send(desk, path, edit)
    assert stale.status_code == 409
    assert "Sites that may show it – www.example.com shop.example.com" in words(stale.text)


def test_an_address_that_is_taken_and_a_campaign_that_is_none_are_told(desk: Desk) -> None:
    answer = send(desk, "/app/forms", begun(desk), address="contact")
    assert answer.status_code == 422
    assert "there is a form at this address" in answer.text
    assert "choose one of the list" in send(desk, "/app/forms", begun(desk), campaign_id="nothing").text
    path = made(desk)
    edit = shown(desk.get(f"{path}/edit"))
    assert send(desk, path, edit, campaign_id="nothing").status_code == 422
    assert send(desk, path, edit, campaign_id="fair").status_code == 303
    assert form(desk).campaign_id == "fair"


def test_a_title_without_latin_letters_makes_an_address_too(desk: Desk) -> None:
    path = made(desk, **{"title.en": "联系"})
    assert re.fullmatch(r"/app/forms/[0-9a-z]{26}", path)


def test_the_preview_is_the_hosted_page_of_the_draft_and_sends_nothing(desk: Desk) -> None:
    fields = begun(desk) | {"title.en": "Not yet", "title.zh-Hans": "还没有"}
    english = desk.world.client.post("/app/forms/preview?lang=en", data=fields, headers=HTML).text
    chinese = desk.world.client.post("/app/forms/preview?lang=zh-Hans", data=fields, headers=HTML).text
    assert "Not yet" in english
    assert '<html lang="zh-Hans">' in chinese
    assert "还没有" in chinese
    for html in (english, chinese):
        assert re.search(r'<button type="submit" class="button button-wide" disabled>', html)
        assert 'name="once"' not in html
    assert desk.world.deps.store.get(Form, "not-yet") is None
    assert desk.world.deps.store.get(Form, "preview") is None
    seminar = shown(desk.get("/app/forms/seminar/edit"))
    assert "Hall 2" in desk.world.client.post("/app/forms/preview", data=seminar, headers=HTML).text


def test_who_saves_an_old_page_sees_both_versions_and_decides(desk: Desk) -> None:
    path = made(desk)
    mine = shown(desk.get(f"{path}/edit"))
    theirs = {**mine, "title.en": "Theirs"}
    desk.world.sign_in("ada")
    assert send(desk, path, theirs | {"csrf": desk.world.csrf(f"{path}/edit")}).status_code == 303
    desk.world.sign_in("mara")
    mine["csrf"] = desk.world.csrf(f"{path}/edit")
    answer = send(desk, path, mine, **{"title.en": "Mine"})
    assert answer.status_code == 409
    assert "Ada Example saved this form after you had opened it." in words(answer.text)
    assert "Theirs" in answer.text
    again = shown(answer)
    assert again["title.en"] == "Mine"
    assert form(desk).title["en"] == "Theirs"
    # A step on the old page is still held against the version that was looked at.
    assert shown(send(desk, path, mine, "up.1"))["seen"] == mine["seen"]
    assert send(desk, path, again).status_code == 303
    assert form(desk).title["en"] == "Mine"


def test_a_wording_that_is_changed_is_a_version_and_each_submission_has_the_one_it_was_shown(desk: Desk) -> None:
    fields = shown(send(desk, "/app/forms", begun(desk), "add", add="news"))
    send(desk, "/app/forms", fields)
    page = fields_of(desk.get("/f/ask-us?lang=zh-Hans").text, "/f/ask-us")
    assert page["wording.news"] == "1"
    edit = shown(desk.get("/app/forms/ask-us/edit"))
    send(desk, "/app/forms/ask-us", edit, **{"field.4.label.en": "Mail me your news"})
    assert fields_of(desk.get("/f/ask-us").text, "/f/ask-us")["wording.news"] == "2"
    # The page that was open before posts what it showed.
    page |= {"name": "Jana", "email": "jana@customer.example.com", "news": "yes"}
    desk.world.client.post("/f/ask-us", data=page, headers=HTML)
    desk.world.work()
    (touch,) = (s.value for s in desk.world.deps.store.query(Touch, desk.lead_path().rpartition("/")[2]))
    assert touch.details["consent: news"] == "yes"
    assert touch.details["wording: news"] == "1 (zh-Hans)"
    desk.world.sign_in("ada")
    lead = desk.get(desk.lead_path()).text
    assert '<dd>yes · <a href="/app/forms/ask-us#wording-news-1">wording 1 (zh-Hans)</a></dd>' in lead
    assert 'id="wording-news-1"' in desk.get("/app/forms/ask-us").text
    said = desk.page("/app/forms/ask-us")
    assert "version 1" in said
    assert "Send me news and offers by e-mail." in said
    assert "Mail me your news" in said


def test_a_tick_beside_another_text_is_not_carried_over_to_this_one(desk: Desk) -> None:
    fields = shown(send(desk, "/app/forms", begun(desk), "add", add="news"))
    send(desk, "/app/forms", fields)
    sent = {"news": "yes", "wording.news": "1", "email": "wrong", "name": "Jana"}
    assert 'value="yes" checked' in desk.world.client.post("/f/ask-us", data=sent, headers=HTML).text
    send(desk, "/app/forms/ask-us", shown(desk.get("/app/forms/ask-us/edit")), **{"field.4.label.en": "Mail me"})
    again = desk.world.client.post("/f/ask-us", data=sent, headers=HTML).text
    assert 'value="yes" checked' not in again
    assert fields_of(again, "/f/ask-us")["wording.news"] == "2"


def test_thanks_are_said_above_where_the_request_stands_in_the_visitors_language(desk: Desk) -> None:
    made(desk, **{"thanks.en": "Thank you!\nWe call.", "thanks.zh-Hans": "谢谢！"})
    path = desk.ask("ask-us")
    assert path.endswith("?from=ask-us")
    assert "Thank you! We call." in desk.page(path)
    assert "谢谢！" in desk.page(path, **{"Accept-Language": "zh-CN"})
    assert f'name="next" value="{path}"' in desk.get(path).text
    assert "Thank you!" not in desk.page(path.replace("ask-us", "nothing"))


def test_visitors_go_on_to_the_forms_own_page_and_the_pages_policy_lets_them(desk: Desk) -> None:
    made(desk, goes_to="https://www.example.com:8443/thanks?a=1")
    answer = desk.world.client.post("/f/ask-us", data={"name": "Jana", "email": "jana@a.example.com"}, headers=HTML)
    assert answer.headers["location"] == "https://www.example.com:8443/thanks?a=1"
    policy = desk.get("/f/ask-us").headers["content-security-policy"]
    assert "form-action 'self' https://www.example.com:8443;" in policy
    assert "example.com" not in desk.get("/f/contact").headers["content-security-policy"]
    program = desk.world.client.post("/f/ask-us", json={"name": "Kim", "email": "kim@a.example.com"})
    assert program.status_code == 201


def test_nobody_is_led_elsewhere_by_the_post_itself(desk: Desk) -> None:
    made(desk)
    more = {"goes_to": "https://evil.example", "return": "https://evil.example", "next": "https://evil.example"}
    sent = {"name": "Jana", "email": "jana@a.example.com", **more}
    answer = desk.world.client.post("/f/ask-us?goes_to=https://evil.example", data=sent, headers=HTML)
    assert answer.headers["location"].startswith("/s/")


def test_a_closed_form_is_not_there_until_it_is_opened_again(desk: Desk) -> None:
    path = made(desk)
    assert desk.post(f"{path}/close", path).status_code == 303
    assert desk.get("/f/ask-us").status_code == 404
    assert desk.world.client.post("/f/ask-us", data={"name": "J", "email": "j@a.example.com"}).status_code == 404
    assert "closed" in desk.page("/app/forms")
    assert "The form is closed." in desk.page(f"{path}?said=closed")
    assert desk.post(f"{path}/open", path).status_code == 303
    assert desk.get("/f/ask-us").status_code == 200


def test_a_copy_is_a_form_of_its_own_with_wordings_of_its_own(desk: Desk) -> None:
    news = FormField("news", FieldKind.CONSENT, {"en": "News", "zh-Hans": "新闻", "zh-Hant": "新聞"})
    email = FormField("email", FieldKind.EMAIL, {"en": "E-mail", "zh-Hans": "邮箱", "zh-Hant": "郵箱"})
    titles = {"en": "Old", "zh-Hans": "旧", "zh-Hant": "舊"}
    old = save_form(desk.world.deps, Form("old", titles, (email, news), event_id="sensors"), "mara", 0)
    save_form(desk.world.deps, Form("old", titles, (email, FormField("news", FieldKind.CONSENT, titles))), "mara", 1)
    fields = shown(desk.get("/app/forms/new?from=old"))
    assert fields["address"] == ""
    assert send(desk, "/app/forms", fields, address="copy").status_code == 303
    copy = form(desk, "copy")
    assert copy.event_id == ""
    assert [field.name for field in copy.fields] == [field.name for field in old.fields]
    assert [one.value.version for one in desk.world.deps.store.query(ConsentWording, "copy")] == [1]


def test_a_seminars_form_keeps_its_seminar_and_campaign(desk: Desk) -> None:
    edit = shown(desk.get("/app/forms/seminar/edit"))
    more = {"title.zh-Hans": "报名", "title.zh-Hant": "報名", "campaign_id": "ads"}
    labels = {f"field.{n}.label.{tag}": "x" for n in range(4) for tag in ("zh-Hans", "zh-Hant")}
    assert send(desk, "/app/forms/seminar", edit, **more, **labels).status_code == 303
    assert (form(desk, "seminar").event_id, form(desk, "seminar").campaign_id) == ("sensors", "fair")


def test_a_marketer_sees_how_many_were_sent_by_each_form(desk: Desk) -> None:
    made(desk)
    desk.ask("ask-us")
    desk.ask("ask-us", name="Kim Muster", email="kim@a.example.com", phone="")
    row = words(desk.get("/app/forms").text).partition("Ask us")[2]
    assert "– 2 2 March 2026" in row
    assert "2 submissions" in desk.page("/app/forms/ask-us")


def test_what_people_typed_is_text_wherever_it_is_shown(desk: Desk) -> None:
    fields = shown(send(desk, "/app/forms", begun(desk), "add", add="choice"))
    fields = shown(send(desk, "/app/forms", fields, "add", add="agreement"))
    texts = {name: ATTACK for name in fields if re.match(r"(title|intro|thanks|field\.\d+\.label)\.", name)}
    options = {name: f"{ATTACK}\nb" for name in fields if ".options." in name}
    answer = send(desk, "/app/forms", fields | texts | options, address="attack")
    assert answer.status_code == 303, words(answer.text)
    sent = {"name": "Jana", "email": "jana@a.example.com", "question-1": ATTACK}
    status = desk.world.client.post("/f/attack", data=sent, headers=HTML).headers["location"]
    edit = shown(desk.get("/app/forms/attack/edit"))
    pages = [desk.get(path).text for path in ("/f/attack", "/app/forms", "/app/forms/attack", "/app/forms/attack/edit")]
    pages += [desk.get(status).text, desk.world.client.post("/f/attack", data={"name": ""}, headers=HTML).text]
    pages.append(desk.world.client.post("/app/forms/preview", data=edit, headers=HTML).text)
    pages.append(send(desk, "/app/forms/attack", edit, goes_to=ATTACK).text)
    for html in pages:
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html


def test_the_html_to_copy_is_whole_and_escaped_once(desk: Desk) -> None:
    fields = shown(send(desk, "/app/forms", begun(desk), "add", add="news"))
    send(desk, "/app/forms", fields, **{"field.0.label.en": 'Name "in full" <b>'})
    area = re.search(r'<textarea id="copy-html"[^>]*>(.*?)</textarea>', desk.get("/app/forms/ask-us").text, re.DOTALL)
    assert area
    snippet = unescape(area.group(1))
    assert "Name &#34;in full&#34; &lt;b&gt;" in snippet
    copied = fields_of(snippet, "/f/ask-us")
    assert {"name", "email", "company", "message", "wording.news", "lang"} <= set(copied)
    assert copied["wording.news"] == "1"
    sent = {**copied, "name": "Jana", "email": "jana@a.example.com", "news": "yes"}
    other = {**HTML, "Origin": "https://www.customer.example", "Sec-Fetch-Site": "cross-site"}
    assert desk.world.client.post("/f/ask-us", data=sent, headers=other).headers["location"].startswith("/s/")


def test_who_may_not_build_sees_the_form_without_what_would_change_it(desk: Desk) -> None:
    desk.world.sign_in("eva")
    html = desk.get("/app/forms/contact").text
    assert "/app/forms/contact/edit" not in html
    assert "/app/forms/new" not in desk.get("/app/forms").text
    assert desk.get("/app/forms/contact/edit").status_code == 403
    desk.world.sign_in("mara")
    assert "/app/forms/contact/edit" in desk.get("/app/forms/contact").text
    for path in ("/app/forms/nothing", "/app/forms/nothing/edit"):
        assert desk.get(path).status_code == 404


def test_a_wording_is_known_that_was_changed_since_this_process_read_the_forms_and_none_that_never_was(
    desk: Desk,
) -> None:
    send(desk, "/app/forms", shown(send(desk, "/app/forms", begun(desk), "add", add="news")))
    found = wiring.service()
    directory = CachedDirectory(desk.world.deps.store, desk.world.deps.model, seconds=3600, unknown_seconds=3600)
    old = directory.form("ask-us")
    edit = shown(desk.get("/app/forms/ask-us/edit"))
    send(desk, "/app/forms/ask-us", edit, **{"field.4.label.en": "Mail me your news"})
    wiring.use(replace(found, deps=replace(desk.world.deps, directory=directory)))
    assert directory.form("ask-us") == old
    for version, kept in (("2", "2 (en)"), ("3", None)):
        email = f"jana{version}@customer.example.com"
        sent = {"name": "Jana", "email": email, "news": "yes", "wording.news": version, "lang": "en"}
        answer = desk.world.client.post("/f/ask-us", json=sent)
        (touch,) = (s.value for s in desk.world.deps.store.query(Touch, desk.world.lead_id(answer)))
        assert touch.details.get("wording: news") == kept
    wiring.use(found)


def test_every_field_of_the_catalogue_is_offered_by_a_name_of_its_own(desk: Desk) -> None:
    page = desk.get("/app/forms/new").text
    offered = re.search(r'<select[^>]* name="add".*?</select>', page, re.DOTALL)
    assert offered
    names = re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)<', offered.group(0))
    assert "visits" in dict(names)
    assert [key for key, name in names if key == name] == []
