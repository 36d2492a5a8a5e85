import sys
import time

sys.path.insert(0, "/work/main/clients/web/tests")
import pytest
from playwright.sync_api import expect
from test_stage import WORDS, begin, box_of, pace, stage  # noqa

from conftest import *  # noqa


class Finger:
    def __init__(self, page):
        self.s = page.context.new_cdp_session(page)

    def flick(self, a, b, steps=5, every=0.01):
        t = time.time() - steps * every
        send = lambda kind, pts, k: self.s.send(
            "Input.dispatchTouchEvent", {"type": kind, "timestamp": t + k * every, "touchPoints": pts}
        )
        send("touchStart", [{"x": a[0], "y": a[1]}], 0)
        for k in range(1, steps + 1):
            f = k / steps
            send("touchMove", [{"x": a[0] + f * (b[0] - a[0]), "y": a[1] + f * (b[1] - a[1])}], k)
        send("touchEnd", [], steps)


LOG = "window.clicks=0; window.addEventListener('click',()=>window.clicks++,true); window.cancels=0; window.addEventListener('pointercancel',()=>window.cancels++,true)"


def tapped(phone, locator):
    b = locator.bounding_box()
    phone.evaluate(LOG)
    t = time.time()
    phone.touchscreen.tap(b["x"] + b["width"] / 2, b["y"] + b["height"] / 2)
    phone.wait_for_timeout(1000)
    return phone.evaluate("window.clicks")


@pytest.mark.parametrize("kind", ["brush", "pan", "divider", "tree", "range"])
def test_flick(phone, server, room, kind):
    begin(phone, server, room)
    phone.get_by_role("textbox", name=WORDS).fill("make the sofa red")
    f = Finger(phone)
    target = phone.get_by_role("button", name="Where?")
    if kind in ("brush", "range"):
        target.tap()
        phone.get_by_role("button", name="Brush").tap()
    if kind == "pan":
        for _ in range(4):
            phone.get_by_role("button", name="Zoom in").tap()
    if kind == "divider":
        phone.get_by_role("button", name="Edit", exact=True).tap()
        expect(stage(phone).get_by_role("img", name="After: make the sofa red").first).to_be_visible()
    if kind == "tree":
        phone.get_by_role("button", name="Tree").tap()
        phone.wait_for_timeout(500)
        target = phone.get_by_role("button", name="Details")
        box = phone.locator(".react-flow").bounding_box()
    elif kind == "range":
        phone.get_by_role("slider", name="Size").scroll_into_view_if_needed()
        phone.screenshot(path="/tmp/repro/before.png")
        box = phone.get_by_role("slider", name="Size").bounding_box()
    elif kind == "divider":
        box = phone.get_by_role("slider").bounding_box()
    else:
        box = phone.locator(".frame-view").bounding_box()
    print(box)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    phone.wait_for_timeout(700)
    if kind == "range":
        f.flick((box["x"] + 20, y), (box["x"] + 140, y))
    elif kind == "tree":
        f.flick((x, y + 150), (x, y))
    else:
        f.flick((x - 100 if kind != "divider" else x, y), (x + 100, y))
    phone.wait_for_timeout(int(__import__("os").environ.get("SHOT", "0")))
    if "SHOT" in __import__("os").environ:
        phone.screenshot(path="/tmp/repro/shot.png")
        print(phone.url)
    assert tapped(phone, target) == 1
