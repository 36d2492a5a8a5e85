"""What the page does when things go wrong, and what it is to those who use keys or a phone."""

import io
import json
import re
import struct
import zlib

import pytest
from PIL import Image
from playwright.sync_api import expect

NODE_URL = re.compile(r"/designs/[^/]+/nodes/[^/]+$")


def node_of(page) -> str:
    return re.sub(r"^https?://[^/]+/", "", page.url)


def begin(page, address) -> str:
    """Begins a design with the first sample; returns its root's name."""
    page.goto(address)
    page.get_by_role("button", name="Living room", exact=True).click()
    page.wait_for_url(NODE_URL)
    expect(page.locator(".tree-card img")).to_be_visible()
    return node_of(page)


def ask(page, instruction: str) -> None:
    page.get_by_role("textbox", name="What shall change?").fill(instruction)
    page.get_by_role("button", name="Edit", exact=True).click()


def edit(page, instruction: str) -> str:
    before = page.url
    ask(page, instruction)
    expect(page).not_to_have_url(before)
    made = node_of(page)
    expect(page.locator(f'[data-node="{made}"] img')).to_be_visible()
    expect(page.get_by_role("textbox", name="What shall change?")).to_be_visible()
    return made


def choose(page, name: str, data: bytes) -> None:
    page.get_by_label("Choose a picture").last.set_input_files({"name": name, "mimeType": "", "buffer": data})


def png_header(width: int, height: int) -> bytes:
    """A PNG that says its size, and has no pixels."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def accepted(response) -> bool:
    return response.request.headers.get("authorization") == "Bearer another"


# What was sent wrong


def test_a_photo_of_108_megapixels_is_told_before_it_is_sent(page, server):
    page.goto(server.address)
    choose(page, "loft.png", png_header(12_000, 9_000))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("It has 108 megapixels; LangDesign takes 50 at most.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Make it smaller and go on")).to_be_visible()


def test_a_picture_with_too_long_a_side_is_made_smaller_in_the_browser(page, server):
    encoded = io.BytesIO()
    Image.new("RGB", (8400, 120), "olive").save(encoded, "JPEG")
    page.goto(server.address)
    choose(page, "panorama.jpg", encoded.getvalue())
    page.get_by_role("button", name="Make it smaller and go on").click()
    page.wait_for_url(NODE_URL)
    expect(page.get_by_text(re.compile("8192 . 117"))).to_be_visible()


def test_a_file_that_is_no_picture_is_refused_here(page, server):
    page.goto(server.address)
    choose(page, "notes.pdf", b"%PDF-1.7 and so on")
    expect(page.get_by_role("dialog").get_by_text("This file cannot be used")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_damaged_archive_makes_nothing_and_says_so(page, server):
    page.goto(server.address)
    archive = {"name": "design.zip", "mimeType": "application/zip", "buffer": b"PK\x03\x04 broken"}
    page.get_by_label("Import a design").last.set_input_files(archive)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("no archive of a design, or it is damaged")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_role("heading", name="Begin with a picture of a room")).to_be_visible()


def test_an_archive_that_is_too_large_is_refused_before_it_is_sent(page, server, tmp_path):
    page.goto(server.address)
    archive = tmp_path / "design.zip"
    with archive.open("wb") as file:
        file.truncate(161 * 2**20)
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    page.get_by_label("Import a design").last.set_input_files(archive)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("It has 161 MiB; at most 160 can be sent.")).to_be_visible()
    expect(dialog.get_by_text("“Only what is needed”")).to_be_visible()
    assert not [url for url in sent if url.endswith("ImportDesign")]


# What goes wrong on the way


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("413", "The file is larger than the gateway takes"),
        ("html", "This address does not lead to LangDesign's services"),
        ("full", "The service has no space left"),
    ],
)
def test_a_refused_upload_says_why_and_is_sent_again_without_choosing_anew(page, server, kind, words):
    page.goto(server.address)
    server.do("fault", kind=kind, method="CreateDesign")
    page.get_by_role("button", name="Living room", exact=True).click()
    expect(page.get_by_role("dialog").get_by_text(words)).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url(NODE_URL)


def test_too_many_calls_are_told_from_a_busy_service(page, server):
    server.do("fault", kind="429", method="ListDesigns", times=9)
    page.goto(server.address)
    expect(page.get_by_text("Too many requests at once")).to_be_visible(timeout=20_000)
    server.do("clear")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Too many requests at once")).to_have_count(0)


def test_a_lost_line_is_said_calmly_and_what_was_missed_comes_after_it(page, server):
    root = begin(page, server.address)
    server.do("down")
    expect(page.get_by_text("The line to the service is lost.")).to_be_visible()
    server.do("change-node", node=root, change={"title": "Named meanwhile"})
    expect(page.locator(".tree-card img")).to_be_visible()
    server.do("clear")
    expect(page.locator(".tree-card").get_by_text("Named meanwhile")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("The line to the service is lost.")).to_have_count(0)


def test_a_note_written_while_the_line_is_lost_is_saved_by_itself_after_it(page, server):
    begin(page, server.address)
    server.do("down")
    page.get_by_label("Note").fill("Written in a tunnel")
    told = page.get_by_role("complementary").get_by_text("The line to the service is lost")
    expect(told).to_be_visible()
    with page.expect_response("**/UpdateNode"):
        server.do("clear")
    expect(told).to_have_count(0)
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(page.get_by_label("Note")).to_have_value("Written in a tunnel")


def test_an_edit_goes_on_when_the_line_breaks_in_the_middle_of_it(page, server):
    begin(page, server.address)
    server.do("pace", stepMs=250)
    ask(page, "make the sofa green")
    expect(page.locator(".tree-card")).to_have_count(2)
    server.do("cut")
    server.do("pace", stepMs=20)
    made = node_of(page)
    expect(page.locator(f'[data-node="{made}"] img')).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Show the whole tree").click()
    expect(page.locator(".tree-card")).to_have_count(2)


def test_an_ended_token_is_asked_for_and_work_goes_on_where_it_was(page, guarded_server):
    page.goto(guarded_server.address)
    page.get_by_role("textbox", name="Token").fill("secret")
    page.get_by_role("button", name="Go on").click()
    with page.expect_response(lambda response: response.url.endswith("WatchDesign")):
        page.get_by_role("button", name="Living room", exact=True).click()
    expect(page.locator(".tree-card img")).to_be_visible()
    expect(page.get_by_role("region", name="Picture").locator("img").first).to_be_visible()
    guarded_server.do("token", value="another")
    with page.expect_response(lambda response: response.url.endswith("UpdateNode") and accepted(response)):
        page.get_by_label("Note").fill("Written while the token ended")
        expect(page.get_by_text("Your access has ended")).to_be_visible()
        page.get_by_role("textbox", name="Token").fill("another")
        page.get_by_role("button", name="Go on").click()
    page.reload()
    expect(page.get_by_label("Note")).to_have_value("Written while the token ended")


def test_a_picture_that_storage_lost_is_told_and_the_tree_stays(page, server):
    root = begin(page, server.address)
    made = edit(page, "make the sofa green")
    server.do("forget-picture", node=made)
    page.reload()
    expect(page.get_by_text("The stored picture is missing or damaged").first).to_be_visible()
    page.locator(f'[data-node="{root}"]').click()
    expect(page.get_by_text("The stored picture is missing or damaged")).to_have_count(0)


def test_a_failed_edit_keeps_its_node_and_says_why(page, server, axe):
    begin(page, server.address)
    ask(page, "make the sofa green and fail")
    expect(page.locator(".tree-card").get_by_text("Failed")).to_be_visible()
    rule = "label-content-name-mismatch"
    run = "rule => axe.run('.tree', {runOnly: [rule], rules: {[rule]: {enabled: true}}})"
    assert axe(page, run, rule)["violations"] == []
    expect(page.get_by_text(re.compile("model server does not answer", re.IGNORECASE)).first).to_be_visible()


# Two at one design


def test_two_pages_that_write_one_note_are_shown_both_and_choose(page, server):
    root = begin(page, server.address)
    note = page.get_by_label("Note")
    note.fill("Mine")
    server.do("change-node", node=root, change={"note": "Theirs"})
    expect(page.get_by_text("Theirs: “Theirs”")).to_be_visible()
    page.get_by_role("button", name="Save mine").click()
    expect(page.get_by_text("Theirs: “Theirs”")).to_have_count(0)
    note.fill("Mine again")
    server.do("change-node", node=root, change={"note": "Theirs again"})
    page.get_by_role("button", name="Keep theirs").click()
    expect(note).to_have_value("Theirs again")


def test_another_mark_on_a_node_is_no_conflict_with_its_note(page, server):
    root = begin(page, server.address)
    page.get_by_label("Note").fill("Mine")
    server.do("change-node", node=root, change={"favourite": True})
    page.get_by_label("Note").blur()
    expect(page.get_by_role("button", name="No longer a favourite")).to_be_visible()
    expect(page.get_by_text("saving")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Note")).to_have_value("Mine")


def test_a_note_is_not_lost_when_the_page_is_left_at_once(page, server):
    begin(page, server.address)
    page.get_by_label("Note").fill("Ask for oak")
    page.reload()
    expect(page.get_by_label("Note")).to_have_value("Ask for oak")
    made = edit(page, "make the sofa green")
    note = page.get_by_label("Note")
    note.fill("Too dark")
    with page.expect_response("**/UpdateNode"):
        page.go_back()
    page.goto(f"{server.address}/{made}")
    expect(note).to_have_value("Too dark")


def test_more_pages_than_a_browser_has_connections_all_work(page, server):
    begin(page, server.address)
    others = [page.context.new_page() for _ in range(7)]
    for other in others:
        other.goto(page.url)
        expect(other.locator(".tree-card img")).to_be_visible()
    # The last came too late for a stream of its own, and edits and hears of edits all the same.
    edit(others[-1], "make the rug navy")
    edit(others[0], "make the sofa green")
    for one in (page, *others):
        expect(one.locator(".tree-card img")).to_have_count(3)


def test_what_another_page_does_appears_by_itself(browser, page, server):
    begin(page, server.address)
    other = browser.new_page()
    other.goto(page.url)
    edit(other, "make the rug navy")
    expect(page.locator(".tree-card")).to_have_count(2)
    other.close()


# The tree


def test_keys_walk_the_tree_and_undo_goes_to_the_parent_and_back(page, server):
    root = begin(page, server.address)
    green = edit(page, "make the sofa green")
    navy = edit(page, "make the rug navy")
    page.locator(f'[data-node="{navy}"]').focus()
    page.keyboard.press("ArrowUp")
    expect(page).to_have_url(f"{server.address}/{green}")
    expect(page.locator(f'[data-node="{green}"]')).to_be_focused()
    page.keyboard.press("ArrowUp")
    red = edit(page, "make the sofa red")
    page.locator(f'[data-node="{red}"]').focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(f"{server.address}/{green}")
    page.keyboard.press("Control+z")
    expect(page).to_have_url(f"{server.address}/{root}")
    page.keyboard.press("Control+Shift+z")
    expect(page).to_have_url(f"{server.address}/{green}")


def test_what_is_deleted_or_hidden_comes_back(page, server):
    root = begin(page, server.address)
    green = edit(page, "make the sofa green")
    page.get_by_role("button", name="Move to the bin").click()
    expect(page).to_have_url(f"{server.address}/{root}")
    expect(page.locator(".tree-card")).to_have_count(1)
    page.get_by_role("button", name="More for this design").click()
    page.get_by_role("button", name="Bin of this design").click()
    page.get_by_role("button", name="Restore make the sofa green").click()
    expect(page).to_have_url(f"{server.address}/{green}")
    page.get_by_role("button", name="Hide it and its branch").click()
    page.get_by_role("button", name="Back to the picture before").click()
    expect(page.locator(".tree-card")).to_have_count(1)
    page.get_by_role("button", name="hidden, show").click()
    expect(page.locator(".tree-card")).to_have_count(2)


def test_two_changes_of_different_places_join_and_of_one_place_do_not(page, server):
    root = begin(page, server.address)
    green = edit(page, "make the sofa green")
    page.locator(f'[data-node="{root}"]').click()
    navy = edit(page, "make the window navy")
    page.get_by_role("button", name="Join…").click()
    page.locator(f'[data-node="{green}"]').click()
    expect(page.get_by_role("heading", name="Two changes joined")).to_be_visible()
    page.locator(f'[data-node="{navy}"]').click()
    red = edit(page, "make the window red")
    page.get_by_role("button", name="Join…").click()
    page.locator(f'[data-node="{navy}"]').click()
    expect(page).to_have_url(NODE_URL)
    assert red != navy


def test_a_replay_tells_what_it_would_do_and_is_tried_without_keeping_anything(page, server):
    begin(page, server.address)
    edit(page, "make the sofa green")
    edit(page, "make the rug navy")
    page.get_by_role("button", name="Replay…").click()
    steps = page.get_by_role("list", name="Edits that are done again").get_by_role("listitem")
    expect(steps).to_have_text(["make the sofa green", "make the rug navy"])
    page.get_by_role("button", name="Only try").click()
    expect(page.get_by_text("Nothing was kept; the tree is as it was.")).to_be_visible()
    expect(steps.get_by_text("the same, pixel for pixel")).to_have_count(2)
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".tree-card")).to_have_count(3)


def test_a_branch_is_replayed_on_another_photo(page, server, room):
    begin(page, server.address)
    made = edit(page, "make the sofa green")
    page.get_by_role("button", name="Replay…").click()
    page.get_by_label("Another photo").set_input_files(room)
    expect(page).not_to_have_url(re.compile(made.split("/")[1]))
    expect(page.locator(".tree-card")).to_have_count(2)


def test_words_find_pictures_in_all_designs_and_in_one(page, server):
    begin(page, server.address)
    edit(page, "make the lamp pink")
    page.get_by_label("Search this design").fill("lam")
    expect(page.locator(".tree-card[data-found]")).to_have_count(1)
    page.goto(server.address)
    page.get_by_label("Search all designs").fill("lamp pin")
    page.get_by_role("link", name="make the lamp pink").first.click()
    page.wait_for_url(NODE_URL)


def test_a_deleted_design_waits_in_the_bin(page, server):
    begin(page, server.address)
    page.goto(server.address)
    page.get_by_role("button", name="More for Living room").first.click()
    page.get_by_role("button", name="Move to the bin").first.click()
    page.get_by_role("link", name="Bin").click()
    page.get_by_role("button", name="Restore Living room").first.click()
    expect(page.get_by_text("“Living room” is back")).to_be_visible()


MORE_WORK = 3
"""How much more work a hundred times as many nodes may be: those out of sight are not drawn."""


def test_a_tree_of_1000_nodes_opens_with_little_more_work_than_one_of_10(page, server):
    small, large = (opened(page, server, nodes) for nodes in (10, 1000))
    print(  # noqa: T201 - a figure for whoever asks for it
        f"1,000 nodes open in {large[0]:.0f} ms, of which {large[1] * 1000:.0f} ms are the page's own work "
        f"(10 nodes: {small[0]:.0f} and {small[1] * 1000:.0f} ms)"
    )
    # Both in one run: what else the machine does slows both.
    assert large[1] < MORE_WORK * small[1]


def opened(page, server, nodes) -> tuple[float, float]:
    """Milliseconds until a design's tree is drawn, and seconds of the page's own work; the least of three."""
    design = server.do("seed", nodes=nodes)["design"]
    times, work = [], []
    for _ in range(3):
        fresh = page.context.new_page()
        session = page.context.new_cdp_session(fresh)
        session.send("Performance.enable")
        fresh.goto(f"{server.address}/{design}", wait_until="commit")
        fresh.locator(".tree-card[aria-current] img").wait_for()
        times.append(fresh.evaluate("performance.now()"))
        work.append(spent(session))
        fresh.close()
    return min(times), min(work)


def spent(session) -> float:
    """Seconds that the page's main thread has worked."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(one["value"] for one in metrics if one["name"] == "TaskDuration")


# For everybody


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(page, server, theme, serious):
    page.emulate_media(color_scheme=theme)
    begin(page, server.address)
    edit(page, "make the sofa green")
    found = {"design": serious(page)}
    page.get_by_role("button", name="More for this design").click()
    page.get_by_role("button", name="Export").click()
    found["dialog"] = serious(page)
    page.goto(server.address)
    expect(page.locator(".card img").first).to_be_visible()
    found["home"] = serious(page)
    page.goto(f"{server.address}/bin")
    expect(page.get_by_role("heading", name="Bin")).to_be_visible()
    found["bin"] = serious(page)
    assert not any(found.values()), json.dumps(found, indent=1)


def test_a_phone_shows_picture_tree_and_details_one_at_a_time(phone, server, serious):
    phone.goto(server.address)
    phone.get_by_role("button", name="Living room", exact=True).tap()
    phone.wait_for_url(NODE_URL)
    views = phone.get_by_role("navigation", name="Views")
    expect(phone.get_by_role("textbox", name="What shall change?")).to_be_visible()
    views.get_by_role("button", name="Tree").tap()
    expect(phone.locator(".tree-card img")).to_be_visible()
    expect(phone.get_by_role("textbox", name="What shall change?")).to_be_hidden()
    views.get_by_role("button", name="Details").tap()
    expect(phone.get_by_label("Note")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    fields = phone.locator("input, select, textarea")
    # iOS zooms into smaller ones.
    assert set(fields.evaluate_all("all => all.map(one => getComputedStyle(one).fontSize)")) == {"16px"}
    assert serious(phone) == []


def test_the_theme_is_the_systems_until_one_is_chosen_and_then_stays(page, server):
    page.emulate_media(color_scheme="light")
    page.goto(server.address)
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name=re.compile("Theme")).click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    assert light != dark == page.evaluate("getComputedStyle(document.body).backgroundColor")
