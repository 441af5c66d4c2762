"""Lighthouse over the pages people look at most, on sample data and loopback, at a phone's width and a desktop's.

Lighthouse comes by bench/lighthouse/package-lock.json (`make lighthouse`). Simulated throttling as it is by default:
a slow phone on slow 4G, a desktop on cable. The status page says `noindex`, as a page with somebody's request on it
has to: of it that one audit (is-crawlable) is left out."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.forms import start_service
from bench.measure import ROOT
from infra.assets import npm

FOLDER = ROOT / "bench" / "lighthouse"
CLI = FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
GROUPS = ("performance", "accessibility", "best-practices", "seo")
WIDTHS: dict[str, tuple[str, ...]] = {"phone": (), "desktop": ("--preset=desktop",)}
# Who looks at it; where nobody has to sign in, nobody.
PAGES = (
    ("sign-in", "", "/app/sign-in"), ("hosted form", "", "/f/contact"), ("status", "", "status"),
    ("inbox", "sample-anna", "/app/inbox"), ("lead", "sample-anna", "lead"),
    ("upload", "sample-marketing", "/app/uploads/new"), ("returns", "sample-finance", "/app/returns"),
)  # fmt: skip
NOT_FOR_SEARCH_ENGINES = ("status",)
_SECONDS = 180


def run() -> list[tuple[str, str]]:
    """A line for each page and width: the four groups, and what is loaded for it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "data"
        subprocess.run(
            [sys.executable, "-m", "chalicelib", "--data", str(folder), "init", "--sample"], cwd=ROOT, check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        process, port = start_service(folder)
        try:
            return [line for page in _opened(f"http://127.0.0.1:{port}") for line in _measured(*page)]
        finally:
            process.terminate()
            process.wait(timeout=60)


def _opened(address: str) -> list[tuple[str, str, str]]:
    """(name, address, Cookie header) of each page."""
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        for name, who, path in PAGES:
            context = browser.new_context(base_url=address, locale="en-GB")
            page = context.new_page()
            if who:
                page.goto("/app/sign-in")
                page.locator(f'form:has(input[value="{who}"]) button').click()
                page.wait_for_url(re.compile("/app(/inbox)?$"))
            _go(page, path)
            cookies = "; ".join(f"{each['name']}={each['value']}" for each in context.cookies())
            found.append((name, page.url, cookies))
        browser.close()
    return found


def _go(page: Page, path: str) -> None:
    if path == "status":
        page.goto("/f/contact")
        page.locator("[name=name]").fill("Jana Beispiel")
        page.locator("[name=email]").fill("jana@customer.example.com")
        page.locator("form[action^='/f/'] [type=submit]").click()
        page.wait_for_url(re.compile("/s/"))
    elif path == "lead":
        page.goto("/app/inbox")
        page.locator("[data-row] a.strong").first.click()
        page.wait_for_url(re.compile("/app/leads/"))
    else:
        page.goto(path)


def _measured(name: str, address: str, cookies: str) -> list[tuple[str, str]]:
    rows = []
    for width, preset in WIDTHS.items():
        left_out = ("--skip-audits=is-crawlable",) if name in NOT_FOR_SEARCH_ENGINES else ()
        told = _lighthouse(address, cookies, *preset, *left_out)
        scores = " ".join(f"{round(100 * told['categories'][group]['score'])}" for group in GROUPS)
        weight = told["audits"]["total-byte-weight"]["numericValue"] / 1024
        rows.append((f"{name}, {width}", f"{scores}; {weight:.0f} KB"))
    return rows


def _lighthouse(address: str, cookies: str, *options: str) -> Any:
    node = Path(npm() or "npm").parent / "node"
    command = [
        str(node), str(CLI), address, "--quiet", "--output=json", "--output-path=stdout",
        f"--chrome-flags={' '.join(FLAGS)}", f"--only-categories={','.join(GROUPS)}",
        f"--extra-headers={json.dumps({'Cookie': cookies})}", *options,
    ]  # fmt: skip
    environ = {**os.environ, "CHROME_PATH": shutil.which("chromium") or ""}
    # Now and then the browser tells nothing of a page's loading, and Lighthouse asks to be run again.
    for _ in range(2):
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=_SECONDS, check=False)
        if not done.returncode:
            break
    else:
        raise RuntimeError(f"Lighthouse could not measure {address}: {done.stderr[-300:]}")
    return json.loads(done.stdout)
