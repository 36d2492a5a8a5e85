"""The image recipes: clean, of the lock, without root, and without torch where no service needs it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from langdesign_command.local import triton
from rich.console import Console

RUNS = "training/Dockerfile"
GATEWAY = "deploy/gateway/Dockerfile"
CLIENT = "clients/Dockerfile"
RECIPES = ("services/Dockerfile", "services/model_server/Dockerfile", GATEWAY, RUNS, CLIENT)


@pytest.fixture(params=RECIPES)
def recipe(request, root):
    return root / request.param


@pytest.fixture
def catalogue(tool):
    return tool("catalogue")


def test_every_service_and_every_recipe_is_an_image(catalogue, services, root):
    images = catalogue.IMAGES
    of_services = {name for name, one in images.items() if one.recipe == "services/Dockerfile"}
    assert of_services == set(services)
    assert {one.recipe for one in images.values()} == set(RECIPES)
    told = subprocess.run(
        ["git", "ls-files", "*/Dockerfile"], cwd=root, capture_output=True, text=True, check=True
    )
    kept = set(told.stdout.split())
    assert kept == set(RECIPES)


def test_workloads_are_the_images_of_the_base_and_of_every_place(catalogue, manifests, root):
    expected = {f"langdesign/{name}" for name, one in catalogue.IMAGES.items() if one.use == "workload"}
    base = yaml.safe_load((root / "deploy/base/kustomization.yaml").read_text())
    assert {one["name"] for one in base["images"]} == expected
    deployed = set(re.findall(r"'image': '(langdesign/[a-z-]+)[:@]", str(manifests)))
    assert deployed == expected


def test_skaffold_builds_every_image(catalogue, root):
    skaffold = yaml.safe_load((root / "skaffold.yaml").read_text())
    added = [
        change["value"]
        for profile in skaffold["profiles"]
        for change in profile.get("patches", ())
        if change["path"] == "/build/artifacts/-"
    ]
    artifacts = {
        one["image"]: one["docker"]["dockerfile"] for one in (*skaffold["build"]["artifacts"], *added)
    }
    assert artifacts == {f"langdesign/{name}": one.recipe for name, one in catalogue.IMAGES.items()}
    (verify,) = skaffold["verify"]
    jobs = {f"langdesign/{name}" for name, one in catalogue.IMAGES.items() if one.use == "job"}
    assert {verify["container"]["image"]} == jobs


def test_make_builds_every_image(catalogue, root, tmp_path):
    builder = tmp_path / "builder"
    builder.write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/built"\ncat > /dev/null\n')
    builder.chmod(0o755)
    command = ["make", "--no-print-directory", "images", f"BUILDER={builder}"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "built").read_text().splitlines() == [
        f"build -f {one.recipe} --build-arg SERVICE={name} -t langdesign/{name} ."
        for name, one in catalogue.IMAGES.items()
    ]


def test_the_check_takes_every_image_and_starts_all_that_serve(catalogue, tool, monkeypatch):
    check, running = tool("check"), tool("running")
    monkeypatch.setattr(sys, "argv", ["check.py"])
    given = check._arguments()
    assert given.images == list(catalogue.IMAGES)
    assert given.edit
    serving = {name for name, one in catalogue.IMAGES.items() if one.use == "workload"}
    assert set(running.SERVING) == serving == running._PORTS.keys()


class Noting:
    """A builder that notes what it is to build, over bases of which none is there."""

    def __init__(self):
        self.made = []

    def has(self, _):
        return False

    def bootstrap(self, name):
        self.made.append(name)

    def build(self, name, recipe, arguments):
        self.made.append(name)
        assert recipe.endswith("Dockerfile")
        assert all(value for value in arguments.values())


@pytest.mark.parametrize(
    ("image", "options", "made"),
    [
        ("client", [], ["python", "client"]),
        ("gateway", [], ["python", "node", "envoy", "gateway"]),
        ("model-server", [], ["python", "triton", "model-server"]),
        ("model-server", ["--base", "triton=registry.example.com/triton:1"], ["python", "model-server"]),
        ("model-server", ["--built"], []),
    ],
)
def test_the_check_makes_the_bases_that_its_images_need(tool, monkeypatch, image, options, made):
    check, builder = tool("check"), Noting()
    monkeypatch.setattr(sys, "argv", ["check.py", "--images", image, *options])
    check._build(builder, check._arguments(), Console(quiet=True))
    assert builder.made == made


@pytest.mark.parametrize(("image", "package"), [("client", "grpcio"), ("model-server", "numpy")])
def test_the_check_holds_an_image_s_packages_against_the_lock(tool, monkeypatch, image, package):
    inspection = tool("inspection")
    locked = inspection._lock("serve") | inspection._lock("torch")
    held = {one.name: locked.get(one.name, "0.1.0") for one in tool("sbom").bill(image).components}
    monkeypatch.setattr(inspection, "_ask", lambda *_: json.dumps(["3.11.2", held]))
    row = inspection.Row(image, size=None)
    inspection._check_packages(None, row)
    assert row.packages == len(held)
    held[package] = "0.1"
    with pytest.raises(inspection.CheckError, match=f"{image} holds what the lock does not: {package}$"):
        inspection._check_packages(None, row)


def test_an_image_that_is_none_is_told(tool, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["check.py", "--images", "client,kitchen"])
    with pytest.raises(SystemExit):
        tool("check")._arguments()
    assert "kitchen: no such image; there are instruction, " in capsys.readouterr().err


def test_hadolint_finds_nothing(root):
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert hadolint, "hadolint is not installed: run `make setup`"
    recipes = [*RECIPES, *sorted(root.glob("deploy/images/bases/*.Dockerfile"))]
    done = subprocess.run([hadolint, *recipes], capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stdout


def test_the_image_runs_without_root(recipe):
    assert re.findall(r"^USER (.+)$", recipe.read_text(), re.MULTILINE) == ["10001:10001"]


def test_every_copied_path_exists_and_is_in_the_build_context(recipe, root, services):
    allowed = [line[1:] for line in (root / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    text = recipe.read_text().replace("\\\n", "")
    copies = re.findall(r"^COPY (?!--from)(?:--\S+ )*(.+) \S+$", text, re.MULTILINE)
    for path in " ".join(copies).split():
        for service in services:
            named = path.replace("${SERVICE}", service)
            assert (root / named).exists(), named
            assert any(_within(named, one) for one in allowed), f"{named} is ignored"


def _within(path, pattern):
    return Path(path).match(pattern) or Path(path).is_relative_to(pattern)


def test_what_is_installed_aside_is_pinned_as_in_the_lock(recipe, root):
    lock = dict(re.findall(r"^([\w-]+)==(.+)$", (root / "requirements/serve.txt").read_text(), re.MULTILINE))
    for version in re.findall(r"^ARG UV_VERSION=(.+)$", recipe.read_text(), re.MULTILINE):
        assert version == lock["uv"]


def test_the_image_of_runs_builds_from_this_checkout_whatever_its_program_needs_of_it(root, tool):
    text = (root / RUNS).read_text()
    (printed,) = re.findall(r"printf 'langdesign-%s @ [^']+' ([^>]+)>>", text.replace("\\\n", ""))
    words = iter(printed.split())
    members = {f"langdesign-{stem}": folder for stem, folder in zip(words, words, strict=True)}
    needed = {name for name in tool("sbom").needed("langdesign-specialise") if name.startswith("langdesign-")}
    assert members.keys() == needed - {"langdesign-specialise"}
    for name, folder in members.items():
        assert f'name = "{name}"' in (root / folder / "pyproject.toml").read_text()
        assert f"COPY {folder}/pyproject.toml {folder}/" in text


@pytest.mark.parametrize("lock", ["serve", "dev", "cluster", "docs"])
def test_a_lock_is_not_of_the_machine_that_it_was_made_on(root, lock):
    pinned = (root / f"requirements/{lock}.txt").read_text()
    assert not re.findall(r"^(?:nvidia-cu|nvidia-nccl|cuda-|triton==)\S*", pinned, re.MULTILINE), (
        "of a CUDA build"
    )


def test_what_a_cluster_adds_to_the_lock_is_pinned_and_agrees_with_it(root):
    pins = [
        dict(re.findall(r"^([\w.-]+)==(\S+)", (root / f"requirements/{lock}.txt").read_text(), re.MULTILINE))
        for lock in ("dev", "cluster")
    ]
    assert {"ray", "aiohttp-cors", "opencensus"} <= pins[1].keys()
    assert not {name for name in pins[0].keys() & pins[1].keys() if pins[0][name] != pins[1][name]}


def test_the_image_of_runs_says_where_its_own_contexts_and_models_are(root):
    text = (root / RUNS).read_text()
    copied = {to: root / of for of, to in re.findall(r"^COPY (\S+) (/\S+)$", text, re.MULTILINE)}
    said = dict(re.findall(r"SPECIALISE_(\w+)=(\S+)", text))
    assert (copied[said["CONTEXTS"]] / "interior/context.toml").is_file()
    assert (copied[said["MODELS"]] / "edit/model_index.json").is_file()
    interface = (root / "training/specialise/src/langdesign_specialise/options.py").read_text()
    assert set(said) <= set(re.findall(r'envvar="SPECIALISE_(\w+)"', interface))


def test_no_service_needs_torch(services, tool):
    for service in services:
        needed = tool("sbom").needed(f"langdesign-{service}")
        assert "grpcio" in needed, "the walk over the installed packages finds nothing"
        assert not needed & {"torch", "diffusers", "transformers", "langdesign-engine", "langdesign-rela"}
        assert not needed & {f"langdesign-{one}" for one in ("diffusion", "instruct-pix2pix", "inpainting")}


def test_a_bill_of_materials_is_valid_and_names_the_versions_of_the_lock(root, tool, tmp_path, services):
    sbom = tool("sbom")
    assert {*services, "model-server", "specialise", "client"} == set(sbom.BILLED)
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", (root / "requirements/dev.txt").read_text(), re.MULTILINE))
    for image in ("editing", "training"):
        text = sbom.write(image, tmp_path).read_text()
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
        told = json.loads(text)
        assert told["metadata"]["component"]["name"] == f"langdesign-{image}"
        packages = {one["name"]: one["version"] for one in told["components"]}
        others = {name for name in packages if not name.startswith("langdesign-")}
        assert {name: packages[name] for name in others} == {name: locked[name] for name in others}
        assert {
            "grpcio",
            "protobuf",
            "psycopg-binary",
            f"langdesign-{image}",
            "langdesign-chassis",
        } <= packages.keys()
        assert not packages.keys() & {"torch", "pytest", "ruff"}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {
            "MODEL_SERVER_CONNECTION_AGE": "7",
            "MODEL_SERVER_CONNECTION_GRACE": "8",
            "MODEL_SERVER_DRAIN": "9",
        },
    ],
)
def test_triton_has_the_same_flags_in_its_image_and_in_a_local_run(root, tmp_path, settings):
    told = tmp_path / "python3"
    told.write_text('#!/bin/sh\nfor argument; do echo "$argument"; done\n')
    told.chmod(0o755)
    environment = {"PATH": os.pathsep.join((str(tmp_path), os.environ["PATH"])), **settings}
    script = ["sh", root / "services/model_server/serve.sh"]
    started = subprocess.run(script, env=environment, capture_output=True, text=True, check=True)
    module = ["-m", "langdesign_supervisor", "--"]
    local = triton.supervised(triton.triton_command(tmp_path, tmp_path, settings)[0])
    image = started.stdout.splitlines()
    assert image[:4] == [*module, "tritonserver"]
    assert local[1:4] == module
    places = ("--model-repository=", "--backend-directory=")
    ports = re.compile(r"--(grpc|http|metrics)-(address|port)=")
    own = "--backend-config=python,shm-region-prefix-name="  # on one machine, each server has its own
    keyed = re.compile(r"(--(?:http-restricted-api|grpc-restricted-protocol)=[^=]+=).+")
    of_image, of_local = (
        {
            keyed.sub(r"\1", flag)
            for flag in command
            if not flag.startswith((*places, own)) and not ports.match(flag)
        }
        for command in (image[4:], local[5:])
    )
    assert of_image == of_local
    assert any(flag.startswith(own) for flag in image)
    values = dict(flag.partition("=")[::2] for flag in of_image)
    age, grace = (int(values[f"--grpc-max-connection-{one}"]) for one in ("age", "age-grace"))
    assert 0 < age < grace
