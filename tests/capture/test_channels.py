from urllib.parse import quote

import pytest

from chalicelib.capture.channels import classify, source_of_fields

PAGE = "https://shop.example.com/landing"


def told(url: str, referrer: str = "", site: str = "") -> tuple[str, str, str]:
    source = classify(url, referrer, site)
    return source.channel, source.source, source.medium


@pytest.mark.parametrize(
    ("referrer", "expected"),
    [
        ("", ("Direct", "(direct)", "(none)")),
        ("https://www.google.de/search?q=x", ("Organic Search", "google", "organic")),
        ("https://www.google.co.uk/", ("Organic Search", "google", "organic")),
        ("https://m.baidu.com/s?word=x", ("Organic Search", "baidu", "organic")),
        ("https://hk.search.yahoo.com/", ("Organic Search", "yahoo", "organic")),
        ("https://cn.bing.com/", ("Organic Search", "bing", "organic")),
        ("https://www.so.com/", ("Organic Search", "360", "organic")),
        ("https://duckduckgo.com/", ("Organic Search", "duckduckgo", "organic")),
        ("https://mail.google.com/", ("Referral", "mail.google.com", "referral")),
        ("https://finance.yahoo.com/", ("Referral", "finance.yahoo.com", "referral")),
        ("https://google.example.net/", ("Referral", "google.example.net", "referral")),
        ("https://m.facebook.com/", ("Organic Social", "m.facebook.com", "referral")),
        ("https://t.co/abc", ("Organic Social", "t.co", "referral")),
        ("https://tieba.baidu.com/p/1", ("Organic Social", "tieba.baidu.com", "referral")),
        ("https://mp.weixin.qq.com/s", ("Organic Social", "mp.weixin.qq.com", "referral")),
        ("https://www.youtube.com/", ("Organic Video", "youtube.com", "referral")),
        ("https://www.amazon.co.jp/dp", ("Organic Shopping", "amazon.co.jp", "referral")),
        ("https://chatgpt.com/", ("AI Assistant", "chatgpt.com", "referral")),
        ("https://blog.example.net:8443/x", ("Referral", "blog.example.net", "referral")),
        ("http://localhost/", ("Referral", "localhost", "referral")),
    ],
)
def test_without_utm_fields_the_referrer_decides(referrer: str, expected: tuple[str, str, str]) -> None:
    assert told(PAGE, referrer) == expected


@pytest.mark.parametrize(
    ("query", "channel"),
    [
        ("utm_source=google&utm_medium=cpc", "Paid Search"),
        ("utm_source=facebook&utm_medium=paid_social", "Paid Social"),
        ("utm_source=youtube.com&utm_medium=post&utm_medium=cpv", "Organic Video"),
        ("utm_source=youtube&utm_medium=paidvideo", "Paid Video"),
        ("utm_source=amazon&utm_medium=ppc", "Paid Shopping"),
        ("utm_source=google&utm_medium=cpc&utm_campaign=Spring-Shopping", "Paid Shopping"),
        ("utm_source=google&utm_medium=cpc&utm_campaign=workshop", "Paid Search"),
        ("utm_source=google&utm_medium=cpc&utm_campaign=eshop", "Paid Shopping"),
        ("utm_source=google&utm_medium=cpc&utm_campaign=X-Cross-Network", "Cross-network"),
        ("utm_source=partner&utm_medium=retargeting", "Paid Other"),
        ("utm_source=partner&utm_medium=CPM", "Display"),
        ("utm_source=partner&utm_medium=banner", "Display"),
        ("utm_source=www.linkedin.com&utm_medium=post", "Organic Social"),
        ("utm_source=x&utm_medium=social-media", "Organic Social"),
        ("utm_source=partner&utm_medium=organic", "Organic Search"),
        ("utm_source=chatgpt.com", "AI Assistant"),
        ("utm_source=partner&utm_medium=link", "Referral"),
        ("utm_source=newsletter&utm_medium=E-Mail", "Email"),
        ("utm_source=partner&utm_medium=affiliate", "Affiliates"),
        ("utm_source=podcast&utm_medium=audio", "Audio"),
        ("utm_source=sms", "SMS"),
        ("utm_source=app&utm_medium=webpush", "Mobile Push Notifications"),
        ("utm_source=firebase&utm_medium=x", "Mobile Push Notifications"),
        ("utm_source=fair&utm_medium=brochure", "Unassigned"),
    ],
)
def test_utm_fields_name_the_channel_by_the_default_channel_group(query: str, channel: str) -> None:
    assert told(f"{PAGE}?{query}", "https://www.google.com/")[0] == channel


@pytest.mark.parametrize(
    ("name", "source", "channel"),
    [
        ("gclid", "google", "Paid Search"),
        ("wbraid", "google", "Paid Search"),
        ("msclkid", "bing", "Paid Search"),
        ("bd_vid", "baidu", "Paid Search"),
        ("li_fat_id", "linkedin", "Paid Social"),
        ("ttclid", "tiktok", "Paid Social"),
        ("fbclid", "facebook", "Paid Social"),
    ],
)
def test_a_click_id_of_an_ad_network_means_cpc(name: str, source: str, channel: str) -> None:
    assert told(f"{PAGE}?{name}=abc", "https://news.example.net/") == (channel, source, "cpc")
    assert classify(f"{PAGE}?{name}=abc", "").click_ids == {name: "abc"}


def test_utm_fields_count_before_a_click_id_and_what_they_leave_open_is_not_set() -> None:
    assert told(f"{PAGE}?gclid=1&utm_source=mail&utm_medium=email") == ("Email", "mail", "email")
    assert told(f"{PAGE}?gclid=1&utm_source=google") == ("Paid Search", "google", "cpc")
    assert told(f"{PAGE}?utm_source=partner") == ("Unassigned", "partner", "(not set)")
    assert told(f"{PAGE}?utm_medium=email") == ("Email", "(not set)", "email")


def test_a_campaign_alone_leaves_source_and_medium_to_the_referrer() -> None:
    source = classify(f"{PAGE}?UTM_Campaign=spring&utm_term=a&utm_content=b", "https://duckduckgo.com/")
    assert (source.source, source.campaign, source.term, source.content) == ("duckduckgo", "spring", "a", "b")


@pytest.mark.parametrize(
    ("referrer", "site"),
    [
        ("https://shop.example.com/a", ""),
        ("https://www.example.com/a", "example.com"),
        ("https://help.example.com/a", "https://www.example.com:443/x"),
        ("javascript:alert(1)", ""),
        ("android-app://com.example", ""),
        ("https://[bad", ""),
        ("http:nothing", ""),
        ("https://" + "x" * 20_000, ""),
    ],
)
def test_our_own_host_and_what_is_no_web_page_are_no_referrer(referrer: str, site: str) -> None:
    source = classify(PAGE, referrer, site)
    assert (source.channel, source.referrer) == ("Direct", "")


def test_texts_are_capped_cleaned_and_kept_as_text() -> None:
    source = classify(
        f"{PAGE}?utm_source={'s' * 900}&utm_campaign=%22%3E%3Csvg%00&gclid={'g' * 900}",
        f"https://a.example/{'r' * 900}",
    )
    assert (len(source.source), len(source.click_ids["gclid"]), len(source.landing_url)) == (500, 500, 500)
    assert (len(source.referrer), source.campaign) == (500, '"><svg')


def test_a_query_of_too_many_fields_and_an_address_that_is_none_say_nothing() -> None:
    assert told(f"{PAGE}?utm_source=x&" + "&".join(["a=1"] * 300))[0] == "Direct"
    assert classify("javascript:alert(1)?utm_source=x", "").landing_url == ""


def test_hidden_fields_of_a_form_count_before_the_landing_page() -> None:
    fields = {"landing_url": f"{PAGE}?utm_source=google&utm_medium=cpc&gclid=1", "utm_source": "bing", "name": "Ann"}
    source = source_of_fields(fields, "https://shop.example.com/form")
    assert (source.source, source.medium, source.click_ids) == ("bing", "cpc", {"gclid": "1"})
    assert source.landing_url == fields["landing_url"]


def test_the_first_pages_referrer_counts_before_the_requests() -> None:
    assert source_of_fields({"referrer": "https://www.bing.com/"}, "https://shop.example.com/").source == "bing"
    assert source_of_fields({}, "https://www.bing.com/", "example.com").source == "bing"
    assert source_of_fields({"landing_url": PAGE}, "https://shop.example.com/x").channel == "Direct"


def test_what_the_first_page_was_found_by_is_handed_on_and_counts_before_a_later_pages_own() -> None:
    first = (
        "utm_source=letter&utm_medium=email&gclid=g1&referrer=https%3A%2F%2Fwww.bing.com%2F&"
        "landing_url=https%3A%2F%2Fshop.example.com%2Ffirst&email=x"
    )
    later = f"{PAGE}?utm_source=banner&_ll=abc.{quote(first)}"
    source = source_of_fields({"landing_url": later}, "https://shop.example.com/other")
    assert (source.source, source.medium, source.click_ids) == ("letter", "email", {"gclid": "g1"})
    assert (source.landing_url, source.referrer) == ("https://shop.example.com/first", "https://www.bing.com/")
    assert classify(later, "") == classify(later, "https://shop.example.com/other")


@pytest.mark.parametrize("handed_on", ["", "abc", "abc.", "abc.email%3Dx", "%00.%ff"])
def test_what_hands_on_nothing_changes_nothing(handed_on: str) -> None:
    source = classify(f"{PAGE}?utm_source=banner&_ll={handed_on}", "")
    assert (source.source, source.landing_url) == ("banner", f"{PAGE}?utm_source=banner&_ll={handed_on}"[:500])
