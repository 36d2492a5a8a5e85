"""The workflows and the hooks call what exists, and trust nothing that can change under them."""

import itertools
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.specifiers import SpecifierSet

SECRET = re.compile(r"secrets\.(\w+)")
OF_A_PLACE = {"KUBECONFIG", "LANGDESIGN_CLIENT_TOKEN"}
"""Secrets of the environments that deliveries go to."""
PULL_REQUESTS = {"ci"}
"""Workflows that a pull request runs, whoever wrote it."""
WRITES = {
    ("deploy", "images", "packages"),
    ("deploy", "images", "id-token"),
    ("deploy", "release", "contents"),
    ("update", "locks", "contents"),
    ("update", "locks", "pull-requests"),
}
"""What may write: workflow, job, permission."""


@pytest.fixture(scope="module")
def workflows(root):
    folder = root / ".github/workflows"
    return {path.stem: yaml.safe_load(path.read_text()) for path in sorted(folder.glob("*.yaml"))}


@pytest.fixture(scope="module")
def jobs(workflows):
    """Every job: workflow, name, what it is."""
    return [
        (stem, name, job) for stem, workflow in workflows.items() for name, job in workflow["jobs"].items()
    ]


@pytest.fixture(scope="module")
def steps(jobs):
    return [step for *_, job in jobs for step in job.get("steps", ())]


@pytest.fixture(scope="module")
def scripts(steps, root):
    return [step["run"] for step in steps if "run" in step] + [(root / ".ci/run").read_text()]


@pytest.fixture(scope="module")
def targets(root):
    return set(re.findall(r"^([a-z][a-z-]*):", (root / "Makefile").read_text(), re.MULTILINE))


def test_there_are_checks_a_delivery_a_place_and_updates(workflows):
    assert workflows.keys() == {"ci", "deploy", "place", "update"}
    checks = {"workflows", "audit", "style", "test", "contracts", "monitoring", "render", "docs"}
    assert workflows["ci"]["jobs"].keys() == {*checks, "list", "images"}


def test_every_make_target_exists(scripts, targets):
    called = {
        word
        for script in scripts
        for line in re.findall(r"^make (.+)$", script, re.MULTILINE)
        for word in shlex.split(line)
        if "=" not in word
    }
    assert {"lint", "types", "test", "audit", "locks"} <= called <= targets


def test_every_file_that_a_script_runs_exists(scripts, root):
    named = {name for script in scripts for name in re.findall(r"[\w./-]+\.py\b", script)}
    assert {"deploy/check/run.py", "deploy/delivery/roll_out.py", "deploy/delivery/render.py"} <= named
    assert not [name for name in named if not (root / name).is_file()]


def test_actions_are_pinned_to_a_commit_and_one_action_to_one(steps):
    pins = {}
    for step in (step for step in steps if "uses" in step):
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
        pins.setdefault(step["uses"].partition("@")[0], set()).add(step["uses"])
    assert not [uses for uses in pins.values() if len(uses) > 1]


def test_jobs_may_do_what_they_need_and_end_in_time(workflows, jobs):
    for stem, workflow in workflows.items():
        assert workflow["permissions"] in ({}, {"contents": "read"}), stem
    granted = {
        (stem, name, permission)
        for stem, name, job in jobs
        for permission, access in job.get("permissions", {}).items()
        if access != "read"
    }
    assert granted == WRITES
    for stem, name, job in jobs:
        assert "uses" in job or job["timeout-minutes"] <= 180, (stem, name)


def test_pull_requests_see_no_secret_and_may_only_read(workflows, root):
    for stem, workflow in workflows.items():
        on = workflow[True]  # YAML reads the key `on` as true
        assert "pull_request_target" not in on, stem
        assert "workflow_run" not in on, stem
        assert ("pull_request" in on) == (stem in PULL_REQUESTS), stem
    for stem in PULL_REQUESTS:
        assert not SECRET.search((root / f".github/workflows/{stem}.yaml").read_text())
        assert workflows[stem]["permissions"] == {"contents": "read"}
        assert not [name for name, job in workflows[stem]["jobs"].items() if "permissions" in job]


def test_a_cluster_s_credentials_are_an_environment_s_alone(workflows, root):
    """An environment has approvals; a repository's secrets have none."""
    for stem in workflows:
        secrets = set(SECRET.findall((root / f".github/workflows/{stem}.yaml").read_text()))
        assert secrets - {"GITHUB_TOKEN"} == (OF_A_PLACE if stem in {"place", "deploy"} else set())
    assert workflows["place"]["jobs"]["roll-out"]["environment"] == "${{ inputs.place }}"
    for name, job in workflows["deploy"]["jobs"].items():
        assert "secrets." not in str(job) or name in {"images", "cluster", "staging", "production"}
        assert not OF_A_PLACE & set(SECRET.findall(str(job.get("steps"))))


def test_an_environment_s_secrets_reach_the_workflow_that_is_called(workflows):
    """Undeclared ones are empty there; required ones are asked for before the job has its environment."""
    declared = workflows["place"][True]["workflow_call"]["secrets"]
    assert declared == {name: {"required": False} for name in OF_A_PLACE}
    for place in ("staging", "production"):
        passed = workflows["deploy"]["jobs"][place]["secrets"]
        assert passed == {name: f"${{{{ secrets.{name} }}}}" for name in OF_A_PLACE}


def test_a_delivery_that_waits_holds_its_own_place_alone(workflows):
    assert "concurrency" not in workflows["deploy"]
    assert not [name for name, job in workflows["deploy"]["jobs"].items() if "concurrency" in job]
    concurrency = workflows["place"]["jobs"]["roll-out"]["concurrency"]
    assert concurrency == {"group": "place-${{ inputs.place }}", "cancel-in-progress": False}


@pytest.fixture
def in_place(workflows, tmp_path):
    """Runs a step of a place as GitHub does, over commands that note what they are asked for."""

    def run(named, commands, **environment):
        steps = workflows["place"]["jobs"]["roll-out"]["steps"]
        (script,) = [step["run"] for step in steps if step.get("name") == named]
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        for command, answer in commands.items():
            (folder / command).write_text(f'#!/bin/sh\necho "$*" >> "{tmp_path}/calls"\n{answer}\n')
            (folder / command).chmod(0o755)
        environment |= {"PATH": f"{folder}:{os.environ['PATH']}", "PLACE": "staging"}
        environment |= {"GITHUB_REPOSITORY": "You/langdesign", "GITHUB_SERVER_URL": "https://github.com"}
        command = ["bash", "-e", "-c", script]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    return run


VERIFIES = "Every image is one that this repository's delivery signed"
IMAGE = "ghcr.io/you/langdesign/{}@sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("images", "unsigned", "code"),
    [
        (["editing", "gateway", "models"], "models", 0),  # weights have a signature of their own
        (["editing", "gateway"], "editing", 1),
        (["editing", "gateway"], "gateway", 1),
        (["models"], "none", 1),
        ([], "none", 1),
    ],
)
def test_a_rollout_needs_images_and_the_signature_of_each(in_place, tmp_path, images, unsigned, code):
    (tmp_path / "rendered").mkdir()
    manifest = "".join(f"image: {IMAGE.format(name)}\n" for name in images) + "image: docker.io/other:1\n"
    (tmp_path / "rendered/staging.yaml").write_text(manifest)
    done = in_place(VERIFIES, {"cosign": f'case "$*" in *langdesign/{unsigned}@*) exit 1 ;; esac'})
    assert done.returncode == code, done.stderr
    if code == 0:
        verified = [line.split()[1] for line in (tmp_path / "calls").read_text().splitlines()]
        assert verified == [IMAGE.format("editing"), IMAGE.format("gateway")]


@pytest.mark.parametrize(
    ("says", "asked", "code"),
    [
        ("echo 6", ["run download 6 --repo You/langdesign --name manifests --dir previous"], 0),
        ("", [], 0),  # nothing was delivered before
        ("exit 1", [], 1),  # the cluster does not answer
    ],
)
def test_what_is_put_back_is_what_the_place_says_that_it_serves(in_place, tmp_path, says, asked, code):
    """The last delivery that went through wholly may be older: staging serves one that waits for approval."""
    commands = {"kubectl": says, "gh": "true"}
    where = {"RUNNER_TEMP": str(tmp_path), "NAMESPACE": "place"}
    done = in_place("What serves now, to be put back", commands, **where)
    assert done.returncode == code, done.stderr
    calls = (tmp_path / "calls").read_text().splitlines()
    assert [call for call in calls if call.startswith("run download")] == asked


def test_a_rollout_names_its_commit_and_has_the_history_to_place_it_in(workflows):
    steps = workflows["place"]["jobs"]["roll-out"]["steps"]
    (script,) = [step["run"] for step in steps if "roll_out.py" in step.get("run", "")]
    assert '--commit "$GITHUB_SHA" --run "$GITHUB_RUN_ID"' in script
    (checkout,) = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["fetch-depth"] == 0


@pytest.mark.parametrize("missing", [None, "KUBECONFIG", "LANGDESIGN_CLIENT_TOKEN", "ADDRESS"])
def test_an_environment_without_what_a_delivery_needs_is_told(in_place, missing):
    environment = {name: "x" for name in (*OF_A_PLACE, "ADDRESS") if name != missing}
    done = in_place("The environment holds what a delivery needs", {}, **environment)
    assert done.returncode == (missing is not None)
    assert missing is None or f"staging has no {missing}" in done.stderr


def test_production_follows_staging_and_both_follow_a_cluster_with_signed_images(workflows, root):
    delivery = workflows["deploy"]["jobs"]
    order = ["ci", "images", "render", "cluster", "staging", "production", "release"]
    for before, after in itertools.pairwise(order):
        needs = delivery[after]["needs"]
        assert before in ([needs] if isinstance(needs, str) else needs)
    images = [str(step.get("uses") or step.get("run")) for step in delivery["images"]["steps"]]
    scan, sign, note = (
        next(at for at, step in enumerate(images) if word in step)
        for word in ("anchore/scan-action", "cosign sign", '> "digests/')
    )
    assert scan < sign < note, "only what was scanned is signed, and only what was signed goes on"
    place = [str(step.get("run", "")) for step in workflows["place"]["jobs"]["roll-out"]["steps"]]
    verified, rolled_out = (
        next(at for at, step in enumerate(place) if word in step) for word in ("cosign verify", "roll_out.py")
    )
    assert verified < rolled_out
    for name in ("staging", "production"):
        overlay = (root / f"deploy/overlays/{name}/kustomization.yaml").read_text()
        assert f"namespace: {delivery[name]['with']['namespace']}\n" in overlay
        assert delivery[name]["with"]["place"] == name


def test_no_checkout_leaves_its_credentials(steps):
    for step in (step for step in steps if step.get("uses", "").startswith("actions/checkout@")):
        assert step["with"]["persist-credentials"] is False


def test_no_script_contains_text_of_the_event(steps):
    """An expression inside a script is an injection: branch names and titles are anyone's."""
    for step in steps:
        assert "${{" not in step.get("run", "")


def test_breaking_changes_are_looked_for_against_main(workflows):
    job = workflows["ci"]["jobs"]["contracts"]
    scripts = " ".join(step.get("run", "") for step in job["steps"])
    assert "protos/generate.py --check --against origin/main" in scripts
    assert job["steps"][0]["with"]["fetch-depth"] == 0


@pytest.mark.parametrize("stem", ["ci", "deploy"])
def test_every_image_of_the_list_is_built(workflows, root, tmp_path, stem):
    jobs = workflows[stem]["jobs"]
    assert jobs["images"]["strategy"]["matrix"] == {"include": "${{ fromJSON(needs.list.outputs.images) }}"}
    assert "list" in jobs["images"]["needs"]
    assert jobs["list"]["outputs"] == {"images": "${{ steps.list.outputs.images }}"}
    (script,) = [step["run"] for step in jobs["list"]["steps"] if step.get("id") == "list"]
    output = tmp_path / "output"
    subprocess.run(
        ["bash", "-e", "-c", script], cwd=root, env=os.environ | {"GITHUB_OUTPUT": str(output)}, check=True
    )
    built = json.loads(output.read_text().removeprefix("images="))
    listed = subprocess.run(
        [sys.executable, root / "deploy/images/catalogue.py", "builds"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert [f"{one['image']} {one['dockerfile']}" for one in built] == listed.stdout.splitlines()
    assert {"model-server", "client"} <= {one["image"] for one in built}
    assert all(isinstance(one["large"], bool) for one in built)
    used = set(re.findall(r"matrix\.(\w+)", str(jobs["images"]["steps"])))
    assert used <= built[0].keys(), "of the list"


def test_tests_run_on_every_python_that_the_set_up_takes_and_that_members_ask_for(workflows, root):
    job = workflows["ci"]["jobs"]["test"]
    tried = job["strategy"]["matrix"]["python"]
    (taken,) = re.findall(r'^supported="(.+)"$', (root / "requirements/install.sh").read_text(), re.MULTILINE)
    assert tried == taken.split()
    (setup,) = [step for step in job["steps"] if step.get("uses", "").startswith("actions/setup-python@")]
    assert setup["with"]["python-version"] == "${{ matrix.python }}"
    asked = {
        tomllib.loads(file.read_text())["project"]["requires-python"]
        for file in (root / member / "pyproject.toml" for member in members(root))
    }
    assert asked
    assert all(version in SpecifierSet(one) for one in asked for version in tried)
    assert not [one for one in asked if "3.10" in SpecifierSet(one)]


def members(root):
    """Folders of the workspace's members."""
    for name in ("members", "training-members"):
        yield from re.findall(r"^-e (.+)$", (root / f"requirements/{name}.txt").read_text(), re.MULTILINE)


def test_dependencies_are_updated_weekly(workflows, root):
    config = yaml.safe_load((root / ".github/dependabot.yml").read_text())
    assert {one["package-ecosystem"] for one in config["updates"]} == {"github-actions", "docker", "npm"}
    for one in config["updates"]:
        assert one["schedule"]["interval"] == "weekly"
        for folder in one.get("directories", [one.get("directory")]):
            assert (root / folder.lstrip("/")).is_dir()
    (schedule,) = workflows["update"][True]["schedule"]
    assert len(schedule["cron"].split()) == 5
    assert schedule["cron"].endswith(" 1"), "Mondays"


def test_hooks_run_what_is_installed_and_fetch_nothing(root):
    config = yaml.safe_load((root / ".pre-commit-config.yaml").read_text())
    for repository in config["repos"]:
        assert repository["repo"] == "local"
        for hook in repository["hooks"]:
            assert hook["language"] == "system", hook["id"]
