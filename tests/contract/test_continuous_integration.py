"""The workflow and the hooks call what exists, and trust nothing that can change under them."""

import re
import shlex

import pytest
import yaml


@pytest.fixture(scope="module")
def workflow(root):
    return yaml.safe_load((root / ".github/workflows/ci.yaml").read_text())


@pytest.fixture(scope="module")
def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.fixture(scope="module")
def targets(root):
    return set(re.findall(r"^([a-z][a-z-]*):", (root / "Makefile").read_text(), re.MULTILINE))


def test_it_tests_compares_contracts_builds_images_and_renders(workflow):
    assert workflow["jobs"].keys() == {"test", "contracts", "images", "render"}


def test_every_make_target_exists(steps, targets, root):
    scripts = [step["run"] for step in steps if "run" in step] + [(root / ".ci/run").read_text()]
    called = {
        target
        for script in scripts
        for line in re.findall(r"^make (.+)$", script, re.MULTILINE)
        for target in shlex.split(line)
    }
    assert {"lint", "types", "test"} <= called <= targets


def test_actions_are_pinned_to_a_commit(steps):
    for step in (step for step in steps if "uses" in step):
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]), step["uses"]


def test_jobs_may_only_read_and_end_in_time(workflow):
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert "permissions" not in job, name
        assert job["timeout-minutes"] <= 60, name


def test_no_checkout_leaves_its_credentials(steps):
    for step in (step for step in steps if step.get("uses", "").startswith("actions/checkout@")):
        assert step["with"]["persist-credentials"] is False


def test_no_script_contains_text_of_the_event(steps):
    """An expression inside a script is an injection: branch names and titles are anyone's."""
    for step in steps:
        assert "${{" not in step.get("run", "")


def test_breaking_changes_are_looked_for_against_main(workflow):
    scripts = " ".join(step.get("run", "") for step in workflow["jobs"]["contracts"]["steps"])
    assert "protos/generate.py --check --against origin/main" in scripts
    assert workflow["jobs"]["contracts"]["steps"][0]["with"]["fetch-depth"] == 0


def test_every_image_is_built(workflow, services, root):
    built = workflow["jobs"]["images"]["strategy"]["matrix"]["include"]
    assert {one["image"] for one in built} == {*services, "model-server", "gateway", "specialise"}
    for one in built:
        assert (root / one["dockerfile"]).is_file()


def test_make_builds_the_same_images(workflow, services, root):
    makefile = (root / "Makefile").read_text()
    (listed,) = re.findall(r"^SERVICES := (.+)$", makefile, re.MULTILINE)
    assert set(listed.split()) == set(services)
    for one in workflow["jobs"]["images"]["strategy"]["matrix"]["include"]:
        if one["image"] not in services:
            assert f"build -f {one['dockerfile']} -t langdesign/{one['image']} ." in makefile


def test_hooks_run_what_is_installed_and_fetch_nothing(root):
    config = yaml.safe_load((root / ".pre-commit-config.yaml").read_text())
    for repository in config["repos"]:
        assert repository["repo"] == "local"
        for hook in repository["hooks"]:
            assert hook["language"] == "system", hook["id"]
