"""The picture: looking, marking, editing, comparing, and what goes wrong there; by mouse, touch and keys."""

import re
import struct
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

WORDS = "What shall change?"


@pytest.fixture
def pace(server) -> Iterator:
    """Sets how long edits take on the test server, and sets it back."""
    yield lambda **asked: server.do("pace", **asked)
    server.do("pace", steps=6, stepMs=60)
    server.do("clear")


def begin(page: Page, server, room: Path) -> None:
    """Makes a design of the room's photo, and shows it."""
    page.goto(server.address)
    page.get_by_label("Choose a picture").last.set_input_files(room)
    page.wait_for_url(re.compile(r"/designs/[^/]+/nodes/[^/]+$"))
    expect(stage(page).get_by_role("img", name="First picture")).to_be_visible()


def stage(page: Page) -> Locator:
    return page.locator("section.stage")


def ask(page: Page, instruction: str, candidates: int = 1) -> None:
    page.get_by_role("textbox", name=WORDS).fill(instruction)
    page.get_by_label("How many results").select_option(str(candidates))
    page.get_by_role("button", name="Edit", exact=True).click()


def edit(page: Page, instruction: str) -> None:
    ask(page, instruction)
    expect(stage(page).get_by_role("img", name=f"After: {instruction}").first).to_be_visible()


def report_of(page: Page) -> Locator:
    report = page.locator("details.report")
    if not report.evaluate("element => element.open"):
        report.locator("summary").click()
    return report


def box_of(page: Page) -> dict:
    """Where the picture lies on the screen."""
    return page.locator(".frame-view .world").first.bounding_box()


def middle_of(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draws from a point of the picture to another, in shares of its sides."""
    box = box_of(page)
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=8)
    page.mouse.up()


def marked_share(page: Page) -> float:
    """How much of the mask that is shown is inside, once it is painted."""
    return page.get_by_role("img", name="The marked area").evaluate(
        """async (canvas) => {
            const frame = () => new Promise(requestAnimationFrame);
            for (let i = 0; i < 3; i++) await frame();
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return data.filter((_, at) => at % 4 === 3 && data[at]).length / (data.length / 4);
        }"""
    )


def test_where_says_the_plan_and_that_nothing_would_change(page, server, room):
    begin(page, server, room)
    page.get_by_role("button", name="Where?").click()
    where = page.get_by_role("region", name="Where it acts")
    page.get_by_role("textbox", name=WORDS).fill("make the sofa green")
    expect(where.get_by_text("Recolour: sofa")).to_be_visible()
    expect(where.get_by_text(re.compile(r"\d+% of the picture"))).to_be_visible()
    page.get_by_role("textbox", name=WORDS).fill("make the elephant green")
    expect(where.get_by_text("The picture shows nothing for “elephant”: that is certain.")).to_be_visible()
    expect(where.get_by_text("If it is there, mark where.")).to_be_visible()
    page.get_by_role("textbox", name=WORDS).fill("make the pouf green")
    expect(where.get_by_text("Not understood: “pouf”.")).to_be_visible()


def test_several_edits_are_listed_looked_at_one_by_one_and_told_of_one_by_one(page, server, room, serious):
    begin(page, server, room)
    page.get_by_role("button", name="Where?").click()
    instruction = "make the soffa red and make the wall blue and make the pouf green"
    page.get_by_role("textbox", name=WORDS).fill(instruction)
    edits = page.get_by_role("list", name="What would be done")
    expect(edits.get_by_role("listitem")).to_have_count(3)
    expect(edits.get_by_text("Not done. Not understood: “pouf”.")).to_be_visible()
    expect(page.get_by_text("Read “soffa” as “sofa”.")).to_be_visible()
    together = marked_share(page)
    wall = edits.get_by_role("button", name=re.compile("Recolour: wall"))
    wall.click()
    expect(wall).to_have_attribute("aria-pressed", "true")
    assert marked_share(page) < together
    wall.click()
    assert marked_share(page) == together
    assert serious(page, "section.stage") == []
    edit(page, instruction)
    report = report_of(page)
    expect(report.get_by_text("2 of 3 done.")).to_be_visible()
    expect(report.get_by_text("Recolour: wall: 100% changed inside")).to_be_visible()
    expect(report.get_by_text("not done. Not understood: “pouf”.")).to_be_visible()


def test_a_wish_is_done_only_once_its_edits_were_seen(page, server, room):
    begin(page, server, room)
    address = page.url
    ask(page, "make it cosier")
    where = page.get_by_role("region", name="Where it acts")
    expect(where.get_by_text("A wish. This would be done:")).to_be_visible()
    expect(where.get_by_role("listitem")).to_have_count(2)
    assert page.url == address
    page.get_by_role("button", name="Do it").click()
    expect(stage(page).get_by_role("img", name="After: make it cosier").first).to_be_visible()
    report = report_of(page)
    expect(report.get_by_text("Recolour: lamp: 100% changed inside")).to_be_visible()
    expect(report.get_by_text("Recolour: rug: 100% changed inside")).to_be_visible()


def test_a_box_by_numbers_is_edited_to_the_pixel_with_keys_alone(page, server, room):
    begin(page, server, room)
    page.get_by_role("textbox", name=WORDS).fill("make it red")
    page.get_by_role("button", name="Where?").press("Enter")
    page.get_by_text("A box by numbers").press("Enter")
    for field, value in {"From the left": 101, "From the top": 103, "Width": 77, "Height": 51}.items():
        page.get_by_label(field).fill(str(value))
    page.get_by_role("button", name="Mark the box").press("Enter")
    expect(page.get_by_text("Acts on what is marked, and nowhere else.")).to_be_visible()
    page.get_by_role("textbox", name=WORDS).press("Enter")
    expect(page.get_by_role("slider", name="Before and After")).to_be_visible()
    report = report_of(page)
    expect(report.get_by_text("Outside the mask: 0 pixels changed")).to_be_visible()
    expect(report.get_by_text(f"100% of {77 * 51:,} pixels changed")).to_be_visible()


def test_brush_eraser_and_box_mark_and_each_step_is_taken_back(page, server, room):
    begin(page, server, room)
    page.get_by_role("textbox", name=WORDS).fill("make the sofa red")
    page.get_by_role("button", name="Where?").click()
    tools = page.get_by_role("group", name="Tools")
    expect(page.get_by_text("Recolour: sofa")).to_be_visible()
    tools.get_by_role("button", name="Brush").click()
    drag(page, (0.1, 0.1), (0.3, 0.1))
    tools.get_by_role("button", name="Eraser").click()
    drag(page, (0.2, 0.05), (0.2, 0.2))
    tools.get_by_role("button", name="Box", exact=True).click()
    drag(page, (0.7, 0.1), (0.9, 0.3))
    undo = page.get_by_role("group", name="Steps").get_by_role("button", name="Undo")
    for _ in range(3):
        undo.click()
    expect(undo).to_be_disabled()
    expect(page.get_by_text("Recolour: sofa")).to_be_visible()
    stage(page).get_by_role("group", name=re.compile("Picture to draw on")).press("Control+y")
    page.keyboard.press("Control+y")
    expect(undo).to_be_enabled()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(undo).to_be_disabled()


def test_another_expression_is_marked_added_and_left_out(page, server, room):
    begin(page, server, room)
    page.get_by_role("textbox", name=WORDS).fill("make it green")
    page.get_by_role("button", name="Where?").click()
    name = page.get_by_label("Or name it")
    name.fill("the sofa")
    name.press("Enter")
    expect(page.get_by_text("“the sofa” was found.")).to_be_visible()
    name.fill("the rug")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("“the rug” was found.")).to_be_visible()
    name.fill("the elephant")
    page.get_by_role("button", name="Leave out").click()
    expect(page.get_by_text("“the elephant” was not found in the picture.")).to_be_visible()
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(report_of(page).get_by_text("Outside the mask: 0 pixels changed")).to_be_visible()


def test_the_divider_is_moved_by_keys_and_by_hand(page, server, room):
    begin(page, server, room)
    edit(page, "make the sofa green")
    slider = page.get_by_role("slider", name="Before and After")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "52")
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuenow", "100")
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box_of(page)["x"] + 0.25 * box_of(page)["width"], box["y"] + 300, steps=4)
    page.mouse.up()
    expect(slider).to_have_attribute("aria-valuenow", "25")
    page.get_by_role("group", name="Look at").get_by_role("button", name="Before").click()
    expect(slider).to_be_hidden()


def test_of_four_variations_one_is_chosen_the_others_stay_and_a_throw_of_the_dice_is_new(page, server, room):
    begin(page, server, room)
    ask(page, "make the sofa lovely", candidates=4)
    grid = page.get_by_role("region", name="Variations")
    expect(grid.get_by_role("button", name=re.compile("choose it"))).to_have_count(4)
    grid.get_by_role("button", name="Variation 3: choose it").click()
    expect(grid).to_be_hidden()
    expect(page.locator(".tree-card")).to_have_count(5)
    chosen = page.url
    page.get_by_role("button", name="All 4 side by side").click()
    grid.get_by_role("button", name="Variation 1: choose it").click()
    expect(page).not_to_have_url(chosen)

    first = page.url
    page.get_by_role("button", name="Try again with another throw of the dice").click()
    expect(page.locator(".tree-card")).to_have_count(6)
    expect(page).not_to_have_url(first)


def test_an_edit_is_stopped_and_made_again(page, server, room, pace):
    pace(steps=200, stepMs=100)
    begin(page, server, room)
    ask(page, "make the sofa green")
    expect(page.get_by_text(re.compile(r"Step \d+ of 200"))).to_be_visible()
    expect(page.get_by_role("img", name="Rough preview of the edit")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("This edit was stopped")).to_be_visible()
    pace(steps=6, stepMs=20)
    page.get_by_role("button", name="Try again").click()
    expect(stage(page).get_by_role("img", name="After: make the sofa green").first).to_be_visible()


def test_a_failed_edit_says_why_and_is_changed_and_made(page, server, room):
    begin(page, server, room)
    ask(page, "make the sofa green, and fail")
    alert = stage(page).get_by_role("alert")
    expect(alert.get_by_text("This edit failed")).to_be_visible()
    expect(
        alert.get_by_text("The editor's model server does not answer; try again in a minute.")
    ).to_be_visible()
    expect(alert.get_by_role("button", name="Try again")).to_be_enabled()
    alert.get_by_role("button", name="Change the request").click()
    expect(page.get_by_role("textbox", name=WORDS)).to_have_value("make the sofa green, and fail")
    edit(page, "make the sofa green")


def test_a_request_that_began_nothing_keeps_its_words_and_is_sent_again(page, server, room, pace):
    begin(page, server, room)
    server.do("fault", kind="full", method="CreateNodes")
    ask(page, "make the sofa green")
    expect(stage(page).get_by_text("The service has no space left")).to_be_visible()
    expect(page.get_by_role("textbox", name=WORDS)).to_have_value("make the sofa green")
    stage(page).get_by_role("button", name="Try again").click()
    expect(stage(page).get_by_role("img", name="After: make the sofa green").first).to_be_visible()


def test_an_edit_goes_on_over_a_lost_line(page, server, room, pace):
    pace(steps=20, stepMs=100)
    begin(page, server, room)
    ask(page, "make the sofa green")
    expect(page.get_by_text(re.compile(r"Step \d+ of 20"))).to_be_visible()
    server.do("cut")
    expect(stage(page).get_by_role("img", name="After: make the sofa green").first).to_be_visible()
    expect(page.locator(".tree-card")).to_have_count(2)


def test_a_picture_that_was_lost_says_so_where_it_was(page, server, room):
    begin(page, server, room)
    server.do("forget-picture", node=page.url.removeprefix(f"{server.address}/"))
    page.reload()
    expect(stage(page).get_by_text("The stored picture is missing or damaged")).to_be_visible()
    expect(stage(page).get_by_role("button", name="Try again")).to_be_visible()


def test_two_pictures_are_compared_side_by_side_by_divider_and_by_difference(page, server, room, serious):
    begin(page, server, room)
    edit(page, "make the sofa green")
    edit(page, "make the rug navy")
    page.get_by_role("button", name="Compare…").click()
    page.locator(".tree-card").first.click()
    comparison = page.get_by_role("region", name="Comparison")
    expect(comparison.get_by_text(re.compile(r"% of the picture differs"))).to_be_visible()
    expect(comparison.get_by_text("make the sofa green")).to_be_visible()
    comparison.get_by_role("button", name="Divider").press("Enter")
    slider = comparison.get_by_role("slider")
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuenow", "100")
    comparison.get_by_role("button", name="Difference").press("Enter")
    expect(comparison.get_by_role("img", name="Where the pictures differ")).to_be_visible()
    assert serious(page, "section.stage") == []
    page.keyboard.press("Escape")
    expect(comparison).to_be_hidden()


def test_the_picture_is_zoomed_by_wheel_keys_and_buttons_and_sharper_when_it_is(page, server, room):
    begin(page, server, room)
    frame = stage(page).get_by_role("group", name=re.compile("^First picture"))
    share = page.locator(".zoom-share")
    whole = int(share.inner_text().rstrip("%"))
    frame.press("+")
    expect(share).to_have_text(f"{round(whole * 1.25)}%", use_inner_text=True)
    before = box_of(page)["x"]
    frame.press("ArrowRight")
    assert box_of(page)["x"] <= before
    frame.press("0")
    expect(share).to_have_text(f"{whole}%")
    box = box_of(page)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -400)
    expect(share).not_to_have_text(f"{whole}%")
    page.get_by_role("button", name="Show the whole picture").click()
    expect(share).to_have_text(f"{whole}%")


class Fingers:
    """Fingers on a page: points in CSS pixels."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def __call__(self, kind: str, *points: tuple[float, float]) -> None:
        self._send(kind, points)

    def flick(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Moves a finger within 50 ms and lifts it as it moves: so its events say, whenever they come."""
        last, steps = time.time(), 5
        for step in range(steps + 1):
            at = tuple(a + (b - a) * step / steps for a, b in zip(start, end, strict=True))
            self._send("touchMove" if step else "touchStart", [at], timestamp=last - 0.01 * (steps - step))
        self._send("touchEnd", [], timestamp=last)

    def _send(self, kind: str, points: Sequence[tuple[float, ...]], **when: float) -> None:
        fingers = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers, **when})


def test_on_a_phone_a_finger_draws_and_two_zoom_without_drawing_to_a_sharper_picture(
    phone, server, tmp_path, serious
):
    photo = tmp_path / "photo.png"
    Image.radial_gradient("L").resize((1600, 1200)).convert("RGB").save(photo)
    begin(phone, server, photo)
    sides = "[...document.querySelectorAll('img.picture')].map((img) => img.naturalWidth)"
    phone.wait_for_function(f"Math.max(...{sides}) === 640")  # no more than the screen shows
    phone.get_by_role("textbox", name=WORDS).fill("make it red")
    phone.get_by_role("button", name="Where?").tap()
    phone.get_by_role("button", name="Brush").tap()
    undo = phone.get_by_role("group", name="Steps").get_by_role("button", name="Undo")
    box = box_of(phone)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    touch = Fingers(phone)
    touch("touchStart", (x - 30, y))
    touch("touchStart", (x - 30, y), (x + 30, y))
    touch("touchMove", (x - 80, y), (x + 80, y))
    touch("touchEnd")
    assert box_of(phone)["width"] > 1.5 * box["width"]
    phone.wait_for_function(f"Math.max(...{sides}) > 640")
    expect(undo).to_be_disabled()

    touch("touchStart", (x - 60, y))
    touch("touchMove", (x, y + 10))
    touch("touchMove", (x + 60, y))
    touch("touchEnd")
    expect(phone.get_by_text("Acts on what is marked, and nowhere else.")).to_be_visible()
    expect(undo).to_be_enabled()
    assert serious(phone, "section.stage") == []
    phone.get_by_role("button", name="Edit", exact=True).tap()
    expect(phone.get_by_text("Outside the mask: 0 pixels changed").first).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390


def test_a_tap_is_heard_right_after_a_finger_left_quickly(phone, server, room):
    begin(phone, server, room)
    touch = Fingers(phone)
    button = partial(phone.get_by_role, "button", exact=True)
    phone.get_by_role("textbox", name=WORDS).fill("make the sofa green")

    button(name="Zoom in").tap()
    button(name="Zoom in").tap()
    before = box_of(phone)["x"]
    x, y = middle_of(phone.locator(".frame-view"))
    touch.flick((x - 60, y), (x + 60, y))
    button(name="Where?").tap()
    expect(phone.get_by_role("region", name="Where it acts")).to_be_visible()
    assert box_of(phone)["x"] > before

    button(name="Brush").tap()
    x, y = middle_of(phone.locator(".frame-view"))
    touch.flick((x - 60, y), (x + 60, y))
    marked = phone.get_by_text("Acts on what is marked, and nowhere else.")
    expect(marked).to_be_visible()
    phone.get_by_role("group", name="Steps").get_by_role("button", name="Undo").tap()
    expect(marked).to_be_hidden()

    button(name="Edit").tap()
    slider = phone.get_by_role("slider", name="Before and After")
    expect(slider).to_be_visible()
    x, y = middle_of(slider)
    touch.flick((x, y), (x + 100, y))
    expect(slider).not_to_have_attribute("aria-valuenow", "50")
    button(name="Before").tap()
    expect(slider).to_be_hidden()

    button(name="Tree").tap()
    x, y = middle_of(phone.locator(".tree-card").last)
    touch.flick((x, y), (x, y - 100))
    button(name="Details").tap()
    expect(phone.get_by_label("Note")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_of_the_picture_is_free_of_serious_findings(page, server, room, scheme, serious):
    page.emulate_media(color_scheme=scheme)
    begin(page, server, room)
    assert serious(page, "section.stage") == []
    page.get_by_role("button", name="How it is done").click()
    page.get_by_role("textbox", name=WORDS).fill("make the sofa green")
    page.get_by_role("button", name="Where?").click()
    page.get_by_role("button", name="Brush").click()
    expect(page.get_by_text("Recolour: sofa")).to_be_visible()
    assert serious(page, "section.stage") == []
    page.get_by_label("How many results").select_option("2")
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("choose it"))).to_have_count(2)
    assert serious(page, "section.stage") == []
    page.get_by_role("button", name="Variation 1: choose it").click()
    report_of(page)
    assert serious(page, "section.stage") == []
    ask(page, "make the rug green, and fail")
    expect(page.get_by_text("This edit failed")).to_be_visible()
    assert serious(page, "section.stage") == []


# How it is done


def test_the_knobs_lie_around_what_the_model_advises_and_are_those_of_its_family(page, server, room):
    begin(page, server, room)
    page.get_by_role("button", name="How it is done").click()
    bold, close = page.get_by_label("How boldly"), page.get_by_label("How close")
    expect(bold).to_have_attribute("aria-valuetext", "As advised")
    bold.press("ArrowLeft")
    expect(page.get_by_text("Gently · 1.7")).to_be_visible()
    page.get_by_role("textbox", name=WORDS).fill("make the sofa red")
    with page.expect_request("**/CreateNodes") as sent:
        page.get_by_role("button", name="Edit", exact=True).click()
    assert struct.pack("<f", 1.7) in sent.value.post_data_buffer
    expect(stage(page).get_by_role("img", name="After: make the sofa red").first).to_be_visible()
    page.get_by_role("button", name="How it is done").click()
    expect(close).to_be_visible()
    page.get_by_label("Model").select_option("inpaint")
    expect(bold).to_be_visible()
    expect(close).to_have_count(0)
    assert "The arrangement" not in page.get_by_label("What stays").inner_text()


def test_words_and_marks_outlive_a_reload(page, server, room):
    begin(page, server, room)
    page.get_by_role("textbox", name=WORDS).fill("make it red")
    page.get_by_role("button", name="Where?").click()
    page.get_by_role("group", name="Tools").get_by_role("button", name="Brush").click()
    drag(page, (0.4, 0.4), (0.6, 0.6))
    expect(page.get_by_text("Acts on what is marked, and nowhere else.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("textbox", name=WORDS)).to_have_value("make it red")
    expect(page.get_by_text("Acts on what is marked, and nowhere else.")).to_be_visible()


def test_keys_are_told_what_stands_in_for_the_brush(page, server, room):
    begin(page, server, room)
    page.get_by_role("button", name="Where?").press("Enter")
    told = page.get_by_text("These need a pointer.")
    assert told.bounding_box()["height"] <= 1
    page.get_by_role("button", name="Close", exact=True).focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("group", name="Tools").get_by_role("button").first).to_be_focused()
    assert told.bounding_box()["height"] > 10
