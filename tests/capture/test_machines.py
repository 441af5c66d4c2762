import pytest

from chalicelib.capture.machines import CRAWLER, MAIL_SCANNER, machine_of

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "machine"),
    [
        (CHROME, ""),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Mobile/15E148 MicroMessenger/8.0.60", ""),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", CRAWLER),
        ("Mozilla/5.0 (compatible; Baiduspider/2.0)", CRAWLER),
        (CHROME.replace("Chrome/", "HeadlessChrome/"), CRAWLER),
        ("python-requests/2.32", CRAWLER),
        ("", CRAWLER),
        (" ", CRAWLER),
        ("BarracudaCentral", MAIL_SCANNER),
        ("Microsoft Office/16.0 (Microsoft Outlook; ATP)", MAIL_SCANNER),
        (f"{CHROME} Proofpoint", MAIL_SCANNER),
        ("x" * 1_001 + "Googlebot", ""),
    ],
)  # fmt: skip
def test_a_machine_is_known_by_what_it_calls_itself(agent: str, machine: str) -> None:
    assert machine_of(agent) == machine
