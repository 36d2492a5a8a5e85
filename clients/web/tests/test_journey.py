"""A designer's whole way through the page. Runs against a deployment too: `LANGDESIGN_WEB_ADDRESS=http://...`."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

# A real model takes its time on a CPU.
EDIT_MS = int(os.environ.get("LANGDESIGN_WEB_EDIT_MS", "20000"))
# What is asked for: three edits, a branch from the first, and one where the brush marks.
EDITS = os.environ.get(
    "LANGDESIGN_WEB_EDITS",
    "make the sofa green;make the rug navy;make the window red;make the cushion blue;make it yellow",
).split(";")
SHOTS = os.environ.get("LANGDESIGN_WEB_SHOTS")


def shoot(page: Page, name: str) -> None:
    """Keeps a picture of a step at desktop and phone size, where somebody wants to look at them."""
    if not SHOTS:
        return
    before = page.viewport_size
    for kind, width, height in (("desktop", 1440, 900), ("phone", 390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(300)
        page.screenshot(path=Path(SHOTS) / f"{name}-{kind}.png")
    page.set_viewport_size(before)


def node_of(page: Page) -> str:
    return re.sub(r"^https?://[^/]+/", "", page.url)


def cards(page: Page, count: int) -> None:
    """Expects so many cards in the tree, once all of it is in view."""
    page.get_by_role("button", name="Show the whole tree").click()
    expect(page.locator(".tree-card")).to_have_count(count)


def edit(page: Page, instruction: str) -> str:
    """Asks for an edit, waits until the page shows its result, and returns the new node's name."""
    before = node_of(page)
    page.get_by_role("textbox", name="What shall change?").fill(instruction)
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page).not_to_have_url(re.compile(f"{before}$"), timeout=EDIT_MS)
    made = node_of(page)
    expect(page.locator(f'[data-node="{made}"] img')).to_be_visible(timeout=EDIT_MS)
    expect(page.get_by_role("textbox", name="What shall change?")).to_be_visible(timeout=EDIT_MS)
    return made


@pytest.mark.timeout(900)
def test_a_designer_uploads_edits_branches_marks_compares_and_takes_it_along(page, address, room, tmp_path):
    page.goto(address)
    shoot(page, "1-home")
    page.get_by_label("Choose a picture").last.set_input_files(room)
    page.wait_for_url(re.compile(r"/designs/[^/]+/nodes/[^/]+$"))
    root = node_of(page)
    shoot(page, "2-uploaded")

    first = edit(page, EDITS[0])
    shoot(page, "3-first-edit")
    edit(page, EDITS[1])
    third = edit(page, EDITS[2])

    # A branch: back to the first edit, and on from there.
    page.keyboard.press("Escape")
    page.locator(f'[data-node="{third}"]').focus()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page).to_have_url(re.compile(f"{first}$"))
    branch = edit(page, EDITS[3])
    cards(page, 5)
    shoot(page, "4-branch")

    # The brush says where the next edit acts.
    page.get_by_role("textbox", name="What shall change?").fill(EDITS[4])
    page.get_by_role("button", name="Where?").click()
    page.get_by_role("group", name="Tools").get_by_role("button", name=re.compile("[Bb]rush")).click()
    box = page.locator("section.stage canvas.mask").last.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 40, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 10, steps=6)
    page.mouse.up()
    expect(page.get_by_text("Acts on what is marked, and nowhere else.")).to_be_visible()
    shoot(page, "5-brushed")
    brushed = edit(page, EDITS[4])
    expect(
        page.get_by_text(re.compile(r"outside: 0 pixels|Outside.*0 pixels", re.IGNORECASE)).first
    ).to_be_visible()
    shoot(page, "6-brushed-result")

    page.get_by_role("button", name="Compare…").click()
    page.locator(f'[data-node="{third}"]').click()
    expect(page.get_by_role("region", name="Comparison")).to_be_visible()
    expect(page.get_by_role("region", name="Comparison").get_by_text("%").first).to_be_visible()
    shoot(page, "7-compared")
    page.get_by_role("button", name="Close the comparison").click()

    page.get_by_role("button", name="Favourite", exact=True).click()
    page.reload()
    expect(page).to_have_url(re.compile(f"{brushed}$"))
    cards(page, 6)
    for name in (root, first, third, branch, brushed):
        expect(page.locator(f'[data-node="{name}"] img')).to_be_visible()
    expect(page.get_by_role("button", name="No longer a favourite")).to_be_visible()
    shoot(page, "8-reloaded")

    page.get_by_role("button", name="More for this design").click()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Export").click()
    archive = tmp_path / "design.zip"
    download.value.save_as(archive)
    assert archive.read_bytes()[:2] == b"PK"

    page.goto(address)
    page.get_by_label("Import a design").last.set_input_files(archive)
    page.wait_for_url(re.compile(r"/designs/[^/]+/nodes/[^/]+$"))
    assert node_of(page).split("/")[1] != root.split("/")[1]
    cards(page, 6)
    shoot(page, "9-imported")
