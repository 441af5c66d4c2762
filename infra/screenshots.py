"""The README's pictures, from sample data: `python infra/screenshots.py` (needs `make browser` once)."""

import re
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from tests.stories.conftest import start_server  # noqa: E402

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
IMAGES = ROOT / "docs" / "images"
PHONE, DESKTOP = {"width": 390, "height": 780}, {"width": 1180, "height": 820}


def shoot(page: Page, path: str, name: str) -> None:
    page.goto(path)
    page.wait_for_timeout(900)
    page.screenshot(path=IMAGES / f"{name}.png")


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start_server(Path(folder) / "data")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for size, name, pages in (
            (DESKTOP, "Eva", (("/app/returns?model=linear", "returns"), ("/app", "home"), ("/app/board", "board"))),
            (PHONE, "Wen", (("/app/inbox", "inbox-phone"), ("/app/leads?sort=score", "leads-phone"))),
        ):
            page = browser.new_context(viewport=size, base_url=server.address, locale="en-GB").new_page()
            page.goto("/app/sign-in")
            page.get_by_role("button", name=re.compile(name)).first.click()
            for path, image in pages:
                shoot(page, path, image)
        visitor = browser.new_context(viewport=PHONE, base_url=server.address, locale="en-GB").new_page()
        visitor.goto("/f/contact")
        visitor.locator("[name=name]").fill("Jana Beispiel")
        visitor.locator("[name=email]").fill("jana@customer.example.com")
        visitor.locator("form[action^='/f/'] [type=submit]").click()
        visitor.wait_for_timeout(2500)
        visitor.reload()
        visitor.screenshot(path=IMAGES / "status-phone.png")
        browser.close()
        server.process.terminate()
        server.process.wait(timeout=20)


if __name__ == "__main__":
    main()
