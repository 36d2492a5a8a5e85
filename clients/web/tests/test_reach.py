"""What is in reach: by keys alone, on a phone, as a file; and that nothing moves or is lost meanwhile."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

NODE_URL = re.compile(r"/designs/[^/]+/nodes/[^/]+$")
WORDS = "What shall change?"


def begin(page: Page, server) -> str:
    """Begins a design with the first sample; returns its root's name."""
    page.goto(server.address)
    page.get_by_role("button", name="Living room", exact=True).click()
    page.wait_for_url(NODE_URL)
    expect(page.locator("section.stage").get_by_role("img", name="First picture")).to_be_visible()
    return name_of(page)


def name_of(page: Page) -> str:
    """The name of the node that is shown."""
    return re.sub(r"^https?://[^/]+/", "", page.url)


def edit(page: Page, instruction: str) -> str:
    """Asks for an edit by keys, waits for its picture, and returns its node's name."""
    words = page.get_by_role("textbox", name=WORDS)
    words.fill(instruction)
    words.press("Enter")
    expect(
        page.locator("section.stage").get_by_role("img", name=f"After: {instruction}").first
    ).to_be_visible()
    return name_of(page)


# By keys


def test_two_pictures_are_compared_by_keys_alone(page, server):
    begin(page, server)
    first = edit(page, "make the sofa green")
    second = edit(page, "make the rug navy")
    page.get_by_role("button", name="Compare…").press("Enter")
    expect(page.locator(f'[data-node="{second}"]')).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator(f'[data-node="{first}"]')).to_be_focused()
    page.keyboard.press("Enter")
    comparison = page.get_by_role("region", name="Comparison")
    expect(comparison.get_by_role("img", name="make the rug navy")).to_be_visible()
    expect(comparison.get_by_role("img", name="make the sofa green")).to_be_visible()
    expect(page).to_have_url(f"{server.address}/{second}")


def test_escape_takes_a_question_to_the_tree_back(page, server):
    begin(page, server)
    edit(page, "make the sofa green")
    page.get_by_role("button", name="Join…").press("Enter")
    asked = page.get_by_text("Choose the picture to join with")
    expect(asked).to_be_visible()
    page.keyboard.press("Escape")
    expect(asked).to_have_count(0)


def test_a_dialog_begins_at_what_it_asks_and_gives_the_focus_back(page, server):
    begin(page, server)
    menu = page.get_by_role("button", name="More for this design")
    menu.press("Enter")
    page.get_by_role("button", name="Rename").press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    where = page.get_by_role("button", name="Where?")
    where.press("Enter")
    page.get_by_role("region", name="Where it acts").get_by_role("button", name="Close").press("Enter")
    expect(where).to_be_focused()


def test_after_an_edit_one_writes_on_or_takes_it_back_by_keys(page, server):
    root = begin(page, server)
    made = edit(page, "make the sofa green")
    words = page.get_by_role("textbox", name=WORDS)
    expect(words).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page).to_have_url(f"{server.address}/{root}")
    page.keyboard.press("Control+Shift+z")
    expect(page).to_have_url(f"{server.address}/{made}")
    words.press_sequentially("make it")
    page.keyboard.press("Control+z")
    expect(page).to_have_url(f"{server.address}/{made}")


# As a file


def test_the_picture_that_is_shown_is_saved_whole(page, server):
    begin(page, server)
    edit(page, "make the sofa green")
    with page.expect_download() as from_details:
        page.get_by_role("region", name="Details").get_by_role("button", name="Save this picture").click()
    assert from_details.value.suggested_filename == "Living room - make the sofa green.png"
    size = page.locator(".facts").get_by_text(re.compile(r"^\d+ . \d+$")).inner_text()
    saved = Image.open(io.BytesIO(Path(from_details.value.path()).read_bytes()))
    assert saved.format == "PNG"
    assert [str(side) for side in saved.size] == re.findall(r"\d+", size)
    page.get_by_role("button", name="More for this design").click()
    with page.expect_download() as from_menu:
        page.locator(".menu-list").get_by_role("button", name="Save this picture").click()
    assert Path(from_menu.value.path()).read_bytes() == Path(from_details.value.path()).read_bytes()


# What is said, and when


def test_a_request_is_told_to_be_read_and_what_is_written_meanwhile_stays(page, server):
    root = begin(page, server)
    held = []

    def hold(route) -> None:
        held.append(route)

    page.route("**/PlanNode", hold)
    words = page.get_by_role("textbox", name=WORDS)
    words.fill("make the sofa green")
    words.press("Enter")
    expect(page.locator("section.stage").get_by_text("Reading the instruction…")).to_be_visible()
    words.fill("make the rug navy")
    for route in held:
        route.continue_()
    expect(page.get_by_role("slider", name="Before and After")).to_be_visible()
    page.locator(f'[data-node="{root}"]').click()
    expect(words).to_have_value("make the rug navy")


def test_an_edit_that_changed_nothing_says_why_and_leads_back_to_its_words(page, server):
    root = begin(page, server)
    words = page.get_by_role("textbox", name=WORDS)
    words.fill("remove the elephant")
    words.press("Enter")
    said = page.get_by_role("note")
    expect(said.get_by_text("The picture shows nothing for “elephant”: that is certain.")).to_be_visible()
    # Two pictures that are the same need no divider.
    expect(page.get_by_role("slider", name="Before and After")).to_have_count(0)
    expect(page.get_by_role("button", name="Show where it acted")).to_have_count(0)
    said.get_by_role("button", name="Change the request").click()
    expect(page).to_have_url(f"{server.address}/{root}")
    expect(words).to_have_value("remove the elephant")


def test_what_was_asked_for_is_not_suggested_again(page, server):
    begin(page, server)
    suggestions = page.get_by_role("list", name="Suggestions")
    expect(suggestions.get_by_text("make the sofa green")).to_be_visible()
    edit(page, "Make the sofa green.")
    expect(suggestions.get_by_text("make the rug navy")).to_be_visible()
    expect(suggestions.get_by_text("make the sofa green")).to_have_count(0)


def test_the_picture_stays_where_it_is_when_one_begins_to_write(page, server):
    begin(page, server)
    world = page.locator(".frame-view .world")
    before = world.bounding_box()
    page.get_by_role("textbox", name=WORDS).fill("make")
    expect(page.get_by_role("list", name="Suggestions")).to_have_count(0)
    assert world.bounding_box() == before


def test_cards_of_many_siblings_stay_large_enough_to_be_read(page, server):
    root = begin(page, server)
    for colour in ("green", "navy", "red", "yellow", "pink", "white"):
        edit(page, f"make the sofa {colour}")
        page.locator(f'[data-node="{root}"]').press("Enter")
    page.reload()
    card = page.locator(f'[data-node="{root}"]')
    expect(card).to_be_visible()
    assert card.bounding_box()["width"] >= 0.7 * 132


def test_a_long_instruction_leaves_room_for_what_can_be_done(page, server):
    begin(page, server)
    edit(page, f"make the sofa {'very ' * 120}green")
    panel = page.get_by_role("region", name="Details")
    expect(panel.get_by_role("heading")).to_have_attribute("title", re.compile("very very"))
    assert panel.get_by_role("heading").bounding_box()["height"] < 80
    expect(panel.get_by_role("button", name="Compare…")).to_be_in_viewport()
    panel.get_by_role("button", name="Move to the bin").click()
    told = page.get_by_text(re.compile("“make the sofa very very .*…” is in the bin"))
    assert told.bounding_box()["height"] < 80


# On a phone


def test_axe_finds_nothing_serious_on_a_phone(phone, server, serious):
    begin(phone, server)
    found = {"design": serious(phone)}
    phone.goto(server.address)
    expect(phone.locator(".card img").first).to_be_visible()
    found["home"] = serious(phone)
    phone.get_by_role("link", name="Bin").tap()
    expect(phone.get_by_role("link", name="Your designs", exact=True)).to_be_visible()
    found["bin"] = serious(phone)
    assert not any(found.values()), found


@pytest.mark.parametrize(("width", "height"), [(844, 390), (720, 450), (640, 360)])
def test_a_low_page_leaves_its_height_to_the_picture(page, server, width, height):
    """A phone on its side, and a page at twice its size."""
    page.set_viewport_size({"width": width, "height": height})
    begin(page, server)
    edit(page, "make the sofa green")
    assert page.locator(".frame").bounding_box()["height"] > 0.45 * height
    assert page.evaluate("document.documentElement.scrollWidth") == width
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_in_viewport()


def test_the_tools_of_a_tablet_are_whole(browser, server):
    context = browser.new_context(viewport={"width": 1024, "height": 768}, has_touch=True, is_mobile=True)
    tablet = context.new_page()
    begin(tablet, server)
    tablet.get_by_role("button", name="Where?").tap()
    panel = tablet.get_by_role("region", name="Where it acts").bounding_box()
    for tool in tablet.get_by_role("group", name="Tools").get_by_role("button").all():
        box = tool.bounding_box()
        assert box["x"] + box["width"] <= panel["x"] + panel["width"]
        assert min(box["width"], box["height"]) >= 44
    context.close()


@pytest.mark.parametrize("opened", ["How it is done", "Where?"])
def test_beside_a_sheet_on_a_phone_no_button_is_covered_or_cut(phone, server, opened):
    begin(phone, server)
    edit(phone, "make the sofa green")
    phone.get_by_role("textbox", name=WORDS).fill("make the rug navy, and then " * 12)
    phone.get_by_role("button", name=opened).tap()
    frame = phone.locator(".frame").bounding_box()
    buttons = [box for button in phone.locator(".frame button").all() if (box := button.bounding_box())]
    assert buttons
    for at, one in enumerate(buttons):
        assert one["y"] >= frame["y"], one
        assert one["y"] + one["height"] <= frame["y"] + frame["height"], one
        for other in buttons[:at]:
            apart = [
                one[side] + one[size] <= other[side] + 0.5 or other[side] + other[size] <= one[side] + 0.5
                for side, size in (("x", "width"), ("y", "height"))
            ]
            assert any(apart), (one, other)
