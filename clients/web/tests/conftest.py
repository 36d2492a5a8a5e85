"""The built page in a real browser, against the server in `server/`, or against `LANGDESIGN_WEB_ADDRESS`."""

import json
import os
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

WEB = Path(__file__).parent.parent
AXE = WEB / "node_modules/axe-core/axe.min.js"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A window's address bar has a page of its own for what it would suggest, which costs as much as the page
    # under test. This list takes the place of Playwright's, of which what follows the first two is kept.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,"
    "PaintHolding,HttpsUpgrades,MediaRouter,OptimizationHints,LensOverlay,ThirdPartyStoragePartitioning",
]
WAIT_MS = 15_000
expect.set_options(timeout=WAIT_MS)  # it does not heed a context's
# Small pictures and quick steps, unless somebody wants to look at what comes of it.
WIDTH = "1200" if os.environ.get("LANGDESIGN_WEB_SHOTS") else "480"
STEP_MS = 20


@dataclass(frozen=True)
class Server:
    """Where the page is served, and how to bring about what goes wrong there."""

    address: str

    def do(self, action: str, **asked: object) -> dict:
        request = urllib.request.Request(
            f"{self.address}/test/{action}", json.dumps(asked).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)


def _start(*arguments: str) -> Iterator[Server]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("the page's tests need Node 20: install it (Debian: apt-get install nodejs npm)")
    if not (WEB / "dist/index.html").is_file() or not (WEB / "node_modules").is_dir():
        pytest.skip("the page is not built: run `make web`")
    command = [node, "--import", "tsx", "tests/server/main.ts", "--port", "0", "--width", WIDTH, *arguments]
    with subprocess.Popen(
        command, cwd=WEB, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            if not address:
                pytest.fail(f"the page's server ended with {process.wait(10)}; what it wrote is above")
            server = Server(address)
            server.do("pace", stepMs=STEP_MS)
            yield server
        finally:
            process.kill()


@pytest.fixture(scope="module")
def server():
    yield from _start()


@pytest.fixture
def guarded_server():
    """A server that lets in those who have the token `secret`."""
    yield from _start("--auth", "token")


@pytest.fixture(scope="module")
def address(request) -> str:
    """Where a whole journey begins: a deployment's address where one is given, else the test server's."""
    given = os.environ.get("LANGDESIGN_WEB_ADDRESS", "").rstrip("/")
    return given or request.getfixturevalue("server").address


# Of a module, no longer: while it is there an event loop runs, and no asynchronous test can begin.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).is_file():
        pytest.skip(f"the page's tests need Chromium at {CHROMIUM}: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(WAIT_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    context.set_default_timeout(WAIT_MS)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page, str, str], dict]:
    """Evaluates an expression on a page, with an argument, once axe is there."""

    def run(page: Page, expression: str, argument: str) -> dict:
        page.add_script_tag(path=AXE)
        return page.evaluate(expression, argument)

    return run


@pytest.fixture(scope="session")
def serious(axe) -> Callable[..., list[str]]:
    """Tells which rules of axe a page, or a part of it, breaks, of impact serious or critical."""

    def found(page: Page, within: str = "html") -> list[str]:
        broken = axe(page, "part => axe.run(part)", within)["violations"]
        return [
            f"{one['id']}: {node['html'][:120]} {node['failureSummary']}"
            for one in broken
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"]
        ]

    return found


@pytest.fixture(scope="module")
def room(address, tmp_path_factory) -> Path:
    """A photo of a room, as a file: `LANGDESIGN_WEB_ROOM`, else the first sample that is offered."""
    given = os.environ.get("LANGDESIGN_WEB_ROOM")
    if given:
        return Path(given)
    with urllib.request.urlopen(f"{address}/config.json", timeout=30) as response:
        url = json.load(response)["samples"][0]["url"]
    path = tmp_path_factory.mktemp("room") / "north wall.png"
    urllib.request.urlretrieve(urllib.parse.urljoin(address, url), path)
    return path
