import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langdesign_dataset.review import read_labels, write_review
from langdesign_dataset.review.views import change_view, outline
from langdesign_dataset.samples import SampleSet, decode_picture

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)


class Elements(HTMLParser):
    """Collects ids, addresses and the data of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.options: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.ids += [told["id"] or ""] if "id" in told else []
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]
        self.options += [told["value"] or ""] if tag == "option" else []


def data_of(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_the_page_is_whole_in_itself(samples: SampleSet, tmp_path: Path) -> None:
    path = write_review(samples, tmp_path / "page", title="Chairs & <stools>")
    text = path.read_text()
    elements = Elements(text)
    assert elements.addresses == []
    assert not re.search(r"https?:|//[a-z]|@import|url\(", text)
    assert len(set(elements.ids)) == len(elements.ids)
    assert "<title>Review: Chairs &amp; &lt;stools&gt;</title>" in text
    for wanted in ("kept", "leak", "alter", "rendered"):
        assert wanted in elements.options
    used = set(re.findall(r'\bat\("([a-z-]+)"\)', text))
    assert used <= set(elements.ids)


def test_the_page_shows_every_sample_and_failure_as_it_is(samples: SampleSet, tmp_path: Path) -> None:
    path = write_review(samples, tmp_path / "page")
    data = data_of(path.read_text())
    assert data["digest"] == samples.digest
    everything = {one.key: one for one in (*samples, *samples.failures())}
    assert {pair["key"] for pair in data["pairs"]} == everything.keys()
    for pair in data["pairs"]:
        one = everything[pair["key"]]
        assert (pair["edit"], pair["verdict"], pair["reason"]) == (one.triple.edit, one.verdict, one.reason)
        assert pair["scores"] == one.scores
        assert (path.parent / pair["pictures"]["before"]).read_bytes() == one.before
        change = decode_picture((path.parent / pair["pictures"]["change"]).read_bytes(), one.key)
        assert np.array_equal(change, change_view(*one.pictures(), one.region()))


def test_a_page_may_show_a_part_of_a_large_set(samples: SampleSet, tmp_path: Path) -> None:
    data = data_of(write_review(samples, tmp_path / "page", limit=4).read_text())
    first = sorted([*samples.keys, *samples.failures().keys])[:4]
    assert sorted(pair["key"] for pair in data["pairs"]) == first
    assert len(list((tmp_path / "page/pictures").iterdir())) == 3 * 4


def test_a_page_that_is_written_again_is_the_same_and_leaves_no_old_picture(
    samples: SampleSet, tmp_path: Path
) -> None:
    path = write_review(samples, tmp_path / "page")
    first = {file.name: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
    (path.parent / "pictures/old.png").write_bytes(b"")
    write_review(samples, tmp_path / "page")
    assert {file.name: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()} == first


def test_the_view_paints_what_changed_and_outlines_where_it_may() -> None:
    before = np.full((9, 9, 3), 120, np.uint8)
    after, region = before.copy(), np.zeros((9, 9), np.bool_)
    region[2:7, 2:7] = True
    after[4, 4] = 255
    view = change_view(before, after, region).astype(int)
    assert outline(region).sum() == 16
    assert view[4, 4, 0] > view[4, 4, 1] + 100
    assert np.ptp(view[0, 0]) == 0
    assert view[2, 2, 1] > view[2, 2, 0]
    assert np.array_equal(change_view(before, after, None)[2, 2], change_view(before, after, None)[0, 0])
    assert not outline(np.ones((3, 3), np.bool_)).any()


DRIVER = """<script>
const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
const seen = () => document.getElementById("place").textContent;
const steps = [seen()];
for (const key of ["k", "ArrowLeft", "u", "ArrowRight", "s", "D"]) { press(key); steps.push(seen()); }
document.getElementById("by-gate").value = "leak";
document.getElementById("filters").dispatchEvent(new Event("change", { bubbles: true }));
steps.push(seen());
for (let left = 0; left < 4; left += 1) press("d");
steps.push(document.getElementById("nothing").textContent);
URL.createObjectURL = (blob) => { blob.text().then((told) => {
  const out = document.createElement("pre");
  out.id = "out";
  const progress = document.getElementById("progress").textContent;
  out.textContent = JSON.stringify({ steps, told, progress });
  document.body.append(out);
}); return "#"; };
document.getElementById("export").click();
</script></body>"""


@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium on the PATH: apt-get install chromium")
def test_keys_keep_drop_undo_and_export_in_a_browser(samples: SampleSet, tmp_path: Path) -> None:
    path = write_review(samples, tmp_path / "page")
    path.write_text(path.read_text().replace("</body>", DRIVER))
    done = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=3000",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = re.search(r'<pre id="out">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    told = json.loads(found[1])
    places = [f"{place} of 10" for place in (1, 2, 3, 2, 3, 4, 5)]
    assert told["steps"] == [*places, "1 of 4", "That was the last of these pairs."]
    assert told["progress"].startswith("7 of 10 seen, 2 kept, 5 dropped")
    (tmp_path / "labels.json").write_text(told["told"])
    labels = read_labels(tmp_path / "labels.json")
    assert labels.digest == samples.digest
    keys = samples.keys
    assert labels.labels == {
        keys[0]: "keep",
        keys[1]: "keep",
        keys[3]: "drop",
        **dict.fromkeys(samples.failures().keys, "drop"),
    }
