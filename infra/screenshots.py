"""The README's pictures, from sample data: `python infra/screenshots.py [NAME…]` (needs `make browser` once)."""

import base64
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tests.exports import HUBSPOT, zipped  # noqa: E402
from tests.stories.conftest import Server, start_server  # noqa: E402

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
IMAGES = ROOT / "docs" / "images"
PHONE, DESKTOP = {"width": 390, "height": 780}, {"width": 1180, "height": 820}
MANAGER, MARKETER, REP, ADMIN = "sample-lead-emea", "sample-marketing", "sample-wen", "sample-admin"
# A third of what a PNG takes, and text stays sharp.
WEBP = """async source => {
    const picture = new Image(); picture.src = "data:image/png;base64," + source; await picture.decode();
    const canvas = document.createElement("canvas"); canvas.width = picture.width; canvas.height = picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    return canvas.toDataURL("image/webp", 0.75).split(",")[1] }"""

Way = Callable[[Page], object]


@dataclass(frozen=True)
class Picture:
    """`way` leads there once `who` has signed in; nobody has, for a visitor's page."""

    name: str
    way: Way
    who: str = ""
    size: dict[str, int] | None = None


def at(path: str) -> Way:
    return lambda page: page.goto(path)


def company(page: Page) -> None:
    page.goto("/app/leads?text=nordwerk&sort=score")
    page.locator("td.cell-title a").first.click()
    page.locator(".page-head p a").click()


def lead(page: Page) -> None:
    page.goto("/app/promises?ledger=contradictions")
    page.locator(".lines a").first.click()


def stopped_price(page: Page) -> None:
    """A price below the floor, with what this customer was given and paid before beside it."""
    page.goto("/app/leads?text=nordwerk&owner=sample-anna")
    page.locator("td.cell-title a").first.click()
    page.get_by_role("link", name="Quote a price").click()
    page.locator("[name=product-0]").select_option("s200")
    page.locator("[name=quantity-0]").fill("40")
    page.locator("[name=price-0]").fill("105")
    page.get_by_role("button", name="Make the quotation").click()


def switching(page: Page) -> None:
    """A whole export of another product, loaded, with what became of each file's rows."""
    page.goto("/app/uploads/new")
    page.locator("input[type=file]").set_input_files(
        {"name": "hubspot-export.zip", "mimeType": "application/zip", "buffer": zipped(HUBSPOT)}
    )
    page.locator("[name=campaign]").first.select_option(index=1)
    page.locator("form[enctype='multipart/form-data'] [type=submit]").click()
    page.wait_for_url(re.compile("/drafts/"))
    page.locator("button[value=load]").click()
    page.locator(".adds-up").wait_for(timeout=60_000)


def upload(page: Page) -> None:
    page.goto("/app/uploads")
    page.locator("td.cell-title a").last.click()


def audit(page: Page) -> None:
    """After a working morning: decided, given away, taken up again."""
    for status, owner in (("Accept", "Dan Sample"), ("Qualify", "Cara Sample")):
        page.goto("/app/leads?status=new&sort=score")
        page.locator("td.cell-title a").first.click()
        page.get_by_role("button", name=status, exact=True).click()
        page.locator("summary", has_text="Give to somebody else").click()
        page.locator("#owner-id").select_option(label=f"{owner} · Sales")
        page.locator("#owner-reason").fill("knows them from the show")
        page.get_by_role("button", name="Give", exact=True).click()
    page.wait_for_timeout(2000)
    page.goto("/app/audit")


def status(page: Page) -> None:
    page.goto("/f/contact")
    page.locator("[name=name]").fill("Jana Beispiel")
    page.locator("[name=email]").fill("jana@customer.example.com")
    page.locator("form[action^='/f/'] [type=submit]").click()
    page.wait_for_timeout(2500)
    page.reload()


PICTURES = (
    Picture("returns", at("/app/returns?model=linear"), MANAGER), Picture("home", at("/app"), MANAGER),
    Picture("board", at("/app/board"), MANAGER), Picture("company", company, MANAGER),
    Picture("review", at("/app/review"), MANAGER), Picture("upload", upload, MARKETER),
    Picture("form-builder", at("/app/forms/contact/edit"), MARKETER), Picture("quote", stopped_price, "sample-anna"),
    Picture("search", at("/app/search?q=nordwrek"), MANAGER), Picture("audit", audit, ADMIN),
    Picture("inbox-phone", at("/app/inbox"), REP, PHONE),
    Picture("leads-phone", at("/app/leads?sort=score"), REP, PHONE),
    Picture("lead-phone", lead, "sample-anna", PHONE), Picture("form-phone", at("/f/contact?lang=zh-Hans"), "", PHONE),
    Picture("status-phone", status, "", PHONE), Picture("switching", switching, MARKETER),
)  # fmt: skip


def shoot(browser: Browser, server: Server, picture: Picture) -> None:
    context = browser.new_context(
        viewport=picture.size or DESKTOP,
        base_url=server.address,
        locale="en-GB",  # type: ignore[arg-type]
    )
    page = context.new_page()
    if picture.who:
        page.goto("/app/sign-in")
        page.locator(f'form:has(input[value="{picture.who}"]) button.person').click()
        page.wait_for_url(re.compile(r"/app(?!/sign-in)"))
    picture.way(page)
    page.wait_for_timeout(900)
    taken = base64.b64encode(page.screenshot()).decode()
    context.close()
    # On a page of its own: ours let in no picture that is not theirs.
    blank = browser.new_page()
    (IMAGES / f"{picture.name}.webp").write_bytes(base64.b64decode(blank.evaluate(WEBP, taken)))
    blank.close()


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    wanted = [one for one in PICTURES if one.name in sys.argv[1:] or not sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start_server(Path(folder) / "data")
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            for picture in wanted:
                shoot(browser, server, picture)
            browser.close()
        finally:
            server.process.terminate()
            server.process.wait(timeout=20)


if __name__ == "__main__":
    main()
