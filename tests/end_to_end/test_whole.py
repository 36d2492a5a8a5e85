"""Every service with all its real parts, called by a client that was not written here and by the command."""

import base64
import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest
from langdesign_command import samples
from langdesign_command.memory import measure, services
from PIL import Image, ImageDraw

SIZE = 128  # side of the demo's room, pixels
WEB = Path(__file__).parents[2] / "clients/web"
JOURNEY = WEB / "tests/test_journey.py"
BUF = str(Path(sys.executable).with_name("buf"))
SERVICES = {
    "reference": "langdesign.reference.v1.ReferenceService",
    "segmentation": "langdesign.segmentation.v1.SegmentationService",
    "editing": "langdesign.editing.v1.EditingService",
    "design": "langdesign.design.v1.DesignService",
}

TOO_LARGE = {"torch", "scipy", "pandas", "pyarrow", "transformers", "diffusers"}
"""Libraries of which no service maps a file."""
MOST_RESIDENT = 130  # MiB

# One process for the module: the run of every service is started once.
pytestmark = [pytest.mark.xdist_group("whole"), pytest.mark.timeout(400)]


def curl(*arguments, data=None):
    command = [BUF, "curl", "--http2-prior-knowledge", "--protocol", "grpc", *arguments]
    body = [] if data is None else ["--data", "@-"]
    return subprocess.run(
        [*command[:6], *body, *command[6:]],
        input=json.dumps(data) if data is not None else None,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def answers(done):
    """The JSON objects that follow each other in the output of a stream."""
    assert done.returncode == 0, done.stderr
    decoder, text, found = json.JSONDecoder(), done.stdout.strip(), []
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].strip()
    return found


def image():
    return {"data": base64.b64encode(samples.bedroom()).decode()}


@pytest.mark.parametrize("stem", SERVICES)
def test_reflection_lists_the_service_and_health_says_serving(whole, stem):
    base = f"http://{whole.ready['addresses'][stem]}"

    methods = curl("--reflect-protocol", "grpc-v1", "--list-methods", base)
    health = curl(f"{base}/grpc.health.v1.Health/Check", data={"service": SERVICES[stem]})

    assert SERVICES[stem] in methods.stdout, methods.stderr
    assert "grpc.health.v1.Health/Check" in methods.stdout
    assert answers(health) == [{"status": "SERVING"}]


def test_an_instruction_is_read(whole):
    base = f"http://{whole.ready['addresses']['reference']}/{SERVICES['reference']}"

    (answer,) = answers(curl(f"{base}/PlanEdit", data={"instruction": "Remove the lamp"}))

    (edit,) = answer["plan"]["edits"]
    assert (edit["operation"], edit["references"][0]["english"]) == ("OPERATION_REMOVE", "the lamp")


def test_an_expression_is_segmented(whole):
    base = f"http://{whole.ready['addresses']['segmentation']}/{SERVICES['segmentation']}"

    (answer,) = answers(curl(f"{base}/Segment", data={"image": image(), "expressions": ["the sofa"]}))

    assert (answer["width"], answer["height"]) == (SIZE, SIZE)


def test_an_edit_streams_to_its_result(whole):
    base = f"http://{whole.ready['addresses']['editing']}/{SERVICES['editing']}"
    request = {
        "idempotencyKey": "curl-1",
        "image": image(),
        "instruction": "Make the sofa green",
        "region": {"box": {"x": 18, "y": 64, "width": 70, "height": 35}},
        "options": {"instruct_pix2pix": {"steps": 2}},
    }

    events = answers(curl(f"{base}/Edit", data=request))

    assert [event["event"]["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert "result" in events[-1]["event"]


def test_the_command_edits_and_keeps_what_is_outside(whole, command, tmp_path):
    picture, mask, out = tmp_path / "room.png", tmp_path / "mask.png", tmp_path / "out.png"
    picture.write_bytes(samples.bedroom())
    sofa = Image.new("L", (SIZE, SIZE))
    ImageDraw.Draw(sofa).rectangle((14, 58, 70, 90), fill=255)
    sofa.save(mask)

    done = command(
        "edit", "--image", str(picture), "--instruction", "Make the sofa green", "--mask", str(mask),
        "--steps", "2", "--explain", "--out", str(out), "--json",
        EDITING_ADDR=whole.ready["addresses"]["editing"],
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["report"]["outside"]["changed_share"] == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    assert Path(told["overlay"]).exists()


def test_of_a_plan_that_was_seen_what_is_left_of_it_is_done(whole, command, tmp_path):
    picture, kept = tmp_path / "room.png", tmp_path / "plan.json"
    picture.write_bytes(samples.bedroom())
    places = {f"{stem.upper()}_ADDR": whole.ready["addresses"][stem] for stem in SERVICES}

    def edit(*arguments):
        given = ["--image", str(picture), "--out", str(tmp_path / "out.png"), *arguments, "--json"]
        done = command("edit", *given, **places)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    seen = edit("--instruction", "make the bed red and paint the wall blue", "--plan-only")
    assert [one["no_op_reason"] for one in seen["regions"]] == ["", ""]
    seen["plan"]["edits"].pop()
    kept.write_text(json.dumps(seen))
    done = edit("--plan", str(kept), "--steps", "2")

    assert done["plan"] == seen["plan"]
    assert done["coverage"] == pytest.approx(seen["regions"][0]["coverage"])
    (outcome,) = done["edits"]
    assert outcome["inside"]["changed_share"] > 0.5
    assert done["report"]["outside"]["changed_share"] == 0


def test_the_page_is_where_the_run_says_and_its_gateway_leads_to_the_designs(whole, command, tmp_path):
    page, picture = whole.ready["page"], tmp_path / "room.png"
    picture.write_bytes(samples.bedroom())
    with urllib.request.urlopen(page) as answer:
        shown = answer.read().decode()
    gateway = page.removeprefix("http://").rstrip("/")

    def designs(*arguments):
        done = command("--addr", gateway, "designs", *arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    made = designs("create", "--image", str(picture), "--title", "Whole")
    (node,) = designs("edit", made["root"], "--instruction", "Make the bed red", "--box", "10,60,60,40")

    assert "<title>LangDesign" in shown
    assert node["path_report"]["outside"]["changed_share"] == 0
    assert node["path_report"]["outside"]["pixels"] > SIZE * SIZE / 2
    assert [one["name"] for one in designs("list")] == [made["name"]]


@pytest.mark.timeout(600)
@pytest.mark.skipif(not (WEB / "dist/index.html").is_file(), reason="the page is not built: run `make web`")
def test_a_designer_walks_the_page_over_the_real_services(whole):
    edits = "Make the bed blue;Make the curtain red;Paint the wall green;Make the cabinet white;Make it red"
    environment = {"LANGDESIGN_WEB_EDITS": edits, "LANGDESIGN_WEB_EDIT_MS": "90000"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", str(JOURNEY)],
        env={**os.environ, **environment, "LANGDESIGN_WEB_ADDRESS": whole.ready["page"]},
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    if "1 passed" not in done.stdout:
        pytest.skip(done.stdout.rsplit("SKIPPED", 1)[-1].strip())


def test_what_edits_have_passed_through_stays_small(whole, figure):
    """Compiled, as in images, none takes 120; what is compiled at each start leaves something behind."""
    family = psutil.Process(whole.process.pid)
    processes = services(family)
    processes.pop("training", None)  # it holds the registry of models, with its libraries
    used = {one.service: one.rss for one in measure(family) if one.service in processes}
    mapped = {
        stem: sorted({part for one in process.memory_maps() for part in Path(one.path).parts} & TOO_LARGE)
        for stem, process in processes.items()
    }

    figure(", ".join(f"{stem}: {rss:.0f} MiB resident" for stem, rss in used.items()))
    assert {"reference", "segmentation", "editing", "design", "instruction"} == used.keys()
    assert {stem: rss for stem, rss in used.items() if rss > MOST_RESIDENT} == {}
    assert {stem: found for stem, found in mapped.items() if found} == {}


def test_kill_9_of_the_parent_leaves_nothing_of_triton_or_the_services(whole):
    names = {process.name() for process in whole.family()}
    assert any("triton_python" in name for name in names), names  # Triton's stubs are grandchildren

    assert whole.end(signal.SIGKILL) == []
