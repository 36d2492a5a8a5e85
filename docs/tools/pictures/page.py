"""The web page as a browser shows it: a desktop's and a phone's."""

from __future__ import annotations

import io
import re

from drawing import write
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

_CHROMIUM = "/usr/bin/chromium"
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_WAIT_MS = 120_000
_NODE = re.compile(r"/designs/[^/]+/nodes/[^/]+$")
_EDITS = ("Make the bed red", "Paint the wall yellow")
_NEXT = "Make the curtain green"


def draw(address: str, room: bytes) -> None:
    """Edit a room in the page at an address, and take pictures of it."""
    expect.set_options(timeout=_WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        try:
            design = _desktop(browser, address, room)
            _phone(browser, design)
        finally:
            browser.close()


def _desktop(browser: Browser, address: str, room: bytes) -> str:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, device_scale_factor=1.5, reduced_motion="reduce"
    )
    context.set_default_timeout(_WAIT_MS)
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Choose a picture").last.set_input_files(
        {"name": "bedroom.png", "mimeType": "image/png", "buffer": room}
    )
    page.wait_for_url(_NODE)
    expect(page.locator(".tree-card img")).to_be_visible()
    root = page.url
    for instruction in _EDITS:
        page.goto(root)
        _edit(page, instruction)
    page.get_by_role("textbox", name="What shall change?").fill(_NEXT)
    _shoot(page, "page-desktop")
    design = page.url
    context.close()
    return design


def _phone(browser: Browser, design: str) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
    )
    context.set_default_timeout(_WAIT_MS)
    page = context.new_page()
    page.goto(design)
    expect(page.get_by_role("textbox", name="What shall change?")).to_be_visible()
    page.wait_for_load_state("networkidle")
    _shoot(page, "page-phone")
    context.close()


def _edit(page: Page, instruction: str) -> None:
    before = page.url
    page.get_by_role("textbox", name="What shall change?").fill(instruction)
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page).not_to_have_url(before)
    made = re.sub(r"^https?://[^/]+/", "", page.url)
    expect(page.locator(f'[data-node="{made}"] img')).to_be_visible()
    expect(page.get_by_role("textbox", name="What shall change?")).to_be_visible()


def _shoot(page: Page, name: str) -> None:
    write(name, Image.open(io.BytesIO(page.screenshot())))
