"""A delivery names every image by its digest, and publishes what every schema lets through."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from langdesign_registry.overlay import component, write_component

DIGEST = "sha256:" + "ab" * 32
REGISTRY = "registry.you.test/you"


def write_digests(folder, services):
    for image in (*services, "gateway", "model-server", "specialise", "client"):
        (folder / image).write_text(f"{DIGEST}\n")
    return folder


@pytest.fixture
def digests(tmp_path, services):
    folder = tmp_path / "digests"
    folder.mkdir()
    return write_digests(folder, services)


def rendered(root, overlay, digests):
    command = [sys.executable, str(root / "deploy/delivery/render.py"), overlay, "--registry", REGISTRY]
    return subprocess.run([*command, "--digests", str(digests)], capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(root, tmp_path):
    """A checkout's manifests, whose places have names and a version's weights, as an operator gives them."""
    for name in ("base", "components", "overlays", "delivery", "schemas"):
        shutil.copytree(root / "deploy" / name, tmp_path / "checkout/deploy" / name)
    for file in (tmp_path / "checkout/deploy").glob("*/**/*.env"):
        file.write_text(file.read_text().replace("example.com", "you.test"))
    for file in (tmp_path / "checkout/deploy/overlays").glob("*/kustomization.yaml"):
        file.write_text(file.read_text().replace("example.com", "you.test"))
    for place in ("staging", "production"):
        text = component(f"{REGISTRY}/models", DIGEST, "interior@3", DIGEST)
        write_component(tmp_path / "checkout/deploy/overlays" / place / "weights", text)
        changed(tmp_path / "checkout", place, lambda own: own["components"].append("weights"))
    return tmp_path / "checkout"


def changed(checkout, place, change):
    """Change an overlay's kustomization."""
    file = checkout / "deploy/overlays" / place / "kustomization.yaml"
    own = yaml.safe_load(file.read_text())
    change(own)
    file.write_text(yaml.safe_dump(own))


@pytest.fixture(scope="module", params=["staging", "production"])
def as_it_came(request, root, services, tmp_path_factory):
    """An overlay, and how it is rendered while nobody has filled in its names and weights."""
    digests = write_digests(tmp_path_factory.mktemp("digests"), services)
    return request.param, rendered(root, request.param, digests)


def test_weights_that_no_digest_names_are_refused(as_it_came):
    overlay, done = as_it_came
    assert done.returncode == 1
    assert f"{overlay} mounts weights without a digest: langdesign/models:" in done.stderr
    assert "deploy/weights/README.md" in done.stderr


def test_names_that_the_repository_came_with_are_refused(as_it_came):
    overlay, done = as_it_came
    assert done.returncode == 1
    (line,) = [one for one in done.stderr.splitlines() if one.startswith(f"{overlay} still has the names")]
    assert f" login.{overlay}.example.com, " in line
    assert f"deploy/overlays/{overlay} (deploy/base/place.env explains them)" in line


@pytest.mark.parametrize("overlay", ["local", "production"])
def test_every_image_of_ours_is_named_by_its_digest(checkout, overlay, digests):
    done = rendered(checkout, overlay, digests)
    assert done.returncode == 0, done.stderr
    volumes = set(re.findall(r"reference: (\S+)", done.stdout))
    assert volumes == ({f"{REGISTRY}/models@{DIGEST}"} if overlay == "production" else set())
    ours = {
        image
        for image in re.findall(r"image: (\S+)", done.stdout)
        if "langdesign" in image or "/you/" in image
    }
    assert len(ours) >= 8
    assert all(re.fullmatch(rf"{REGISTRY}/[a-z-]+@{DIGEST}", image) for image in ours)
    settings = [one.get("data", {}) for one in yaml.safe_load_all(done.stdout) if one["kind"] == "ConfigMap"]
    runs = [data["TRAINING_KUBERNETES_IMAGE"] for data in settings if "TRAINING_KUBERNETES_IMAGE" in data]
    assert runs == ([f"{REGISTRY}/specialise@{DIGEST}"] if overlay == "production" else [])
    assert not list((checkout / "deploy").glob(".rendered-*"))


@pytest.fixture
def publish(root, checkout, digests):
    """Runs the step of the delivery that renders what it publishes, as GitHub does."""
    workflow = yaml.safe_load((root / ".github/workflows/deploy.yaml").read_text())
    (script,) = [
        step["run"]
        for step in workflow["jobs"]["render"]["steps"]
        if step.get("name", "").startswith("Render every overlay")
    ]
    shutil.copytree(digests, checkout / "digests")
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "GITHUB_REPOSITORY": "You/langdesign",
    }

    def run():
        command = ["bash", "-e", "-c", script]
        return subprocess.run(
            command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
        )

    return run


def test_a_delivery_publishes_every_place_s_manifests(checkout, publish):
    done = publish()
    assert done.returncode == 0, done.stderr
    published = {file.name: file.read_text() for file in (checkout / "rendered").iterdir()}
    assert published.keys() == {"local.yaml", "staging.yaml", "production.yaml"}
    assert all(f"ghcr.io/you/langdesign/editing@{DIGEST}" in text for text in published.values())


REFUSED = [
    ("ScaledObject", "/spec/polingInterval", 5, "polingInterval"),
    ("Certificate", "/spec/dnsName", "studio.you.test", "dnsName"),
    ("Service", "/spec/portz", [], "portz"),
    ("Deployment", "/spec/template/spec/containers/0/imagePullPolicy", "Allways", "Allways"),
]
"""Kind, place in it, a value that does not belong there, and the word that is told of it."""


def test_a_delivery_publishes_nothing_that_a_schema_refuses(checkout, publish):
    wrong = [
        {"target": {"kind": kind}, "patch": yaml.safe_dump([{"op": "add", "path": path, "value": value}])}
        for kind, path, value, _ in REFUSED
    ]
    changed(checkout, "production", lambda own: own.setdefault("patches", []).extend(wrong))
    done = publish()
    assert done.returncode == 1
    for kind, _, _, told in REFUSED:
        lines = [line for line in done.stderr.splitlines() if f"rendered/production.yaml: {kind} " in line]
        assert lines, kind
        assert all(told in line for line in lines)


def test_a_pull_request_s_manifests_are_held_against_the_same_schemas(root):
    jobs = [
        yaml.safe_load((root / f".github/workflows/{stem}.yaml").read_text())["jobs"]["render"]["steps"]
        for stem in ("ci", "deploy")
    ]
    installs, checks = (
        [[step["run"] for step in steps if word in step.get("run", "")] for steps in jobs]
        for word in ("pip install", "python deploy/delivery/validate.py rendered/*.yaml")
    )
    assert installs[0] == installs[1]
    assert all(len(steps) == 1 for steps in (*installs, *checks))


def test_an_image_that_no_digest_names_is_refused(root, digests):
    (digests / "editing").unlink()
    done = rendered(root, "local", digests)
    assert done.returncode == 1
    assert "langdesign/editing" in done.stderr


def test_what_is_no_digest_is_refused(root, digests):
    (digests / "editing").write_text("latest\n")
    done = rendered(root, "local", digests)
    assert done.returncode == 1
    assert "no digest `sha256:...` of editing" in done.stderr


@pytest.mark.parametrize(
    "parts",
    [
        ("overlays/staging", "components/autoscaling", "components/postgres"),
        ("overlays/production", "profiles/openshift"),
    ],
)
def test_the_account_may_apply_what_a_place_consists_of_and_read_no_secret(root, combine, parts):
    account = yaml.safe_load_all((root / "deploy/delivery/account.yaml").read_text())
    (role,) = (one for one in account if one["kind"] == "Role")
    may = {}
    for rule in role["rules"]:
        for resource in rule["resources"]:
            for group in rule["apiGroups"]:
                may.setdefault((group, resource), set()).update(rule["verbs"])
    manifests = combine(*parts)
    for one in manifests:
        resource = re.sub("cy$", "cie", one["kind"].lower()) + "s"
        needed = {"get", "patch"} if resource == "namespaces" else {"get", "list", "watch", "create", "patch"}
        assert may.get((one["apiVersion"].rpartition("/")[0], resource), set()) >= needed, resource
        if one["kind"] == "Role":  # nobody grants what they do not hold
            for rule in one["rules"]:
                for group in rule["apiGroups"]:
                    for granted in rule["resources"]:
                        assert may.get((group, granted), set()) >= set(rule["verbs"])
    assert not [resource for _, resource in may if resource in {"secrets", "pods/exec", "*"}]
