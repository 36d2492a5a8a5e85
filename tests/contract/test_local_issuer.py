"""The local overlay's issuer makes tokens that the services of that overlay accept."""

import json
import stat
import subprocess
import sys

import jwt
import pytest
import yaml


@pytest.fixture
def issue(root, tmp_path):
    def run(*arguments):
        command = [sys.executable, "deploy/overlays/local/issue_token.py", "--key", str(tmp_path / "key.pem")]
        return subprocess.run(
            [*command, *arguments], cwd=root, capture_output=True, text=True, check=True
        ).stdout

    return run


@pytest.fixture
def local(root, render):
    return render(root / "deploy/overlays/local")


def published_keys(issue):
    objects = json.loads(issue("jwks"))["items"]
    return next(one for one in objects if one["kind"] == "ConfigMap")


def test_a_token_passes_the_checks_of_the_overlay(issue, local):
    (settings,) = [
        one["data"]
        for one in local
        if one["kind"] == "ConfigMap" and one["metadata"]["name"].startswith("chassis-")
    ]
    keys = jwt.PyJWKSet.from_json(published_keys(issue)["data"]["jwks.json"])
    token = issue("token", "--tenant", "ann").strip()
    claims = jwt.decode(
        token,
        keys[jwt.get_unverified_header(token)["kid"]],
        algorithms=["ES256"],
        issuer=settings["LANGDESIGN_AUTH_ISSUER"],
        audience=settings["LANGDESIGN_AUTH_AUDIENCE"],
    )
    assert claims["tenant"] == "ann"


def test_a_token_carries_the_scope_of_every_service(issue, services):
    token = issue("token").strip()
    scopes = jwt.decode(token, options={"verify_signature": False})["scope"].split()
    assert set(scopes) == set(services)


def test_the_keys_are_where_the_overlay_mounts_them(issue, local):
    config = published_keys(issue)["metadata"]
    mounted = {
        (one["metadata"]["namespace"], volume["configMap"]["name"])
        for one in local
        if one["kind"] in {"Deployment", "StatefulSet"}
        for volume in one["spec"]["template"]["spec"]["volumes"]
        if "configMap" in volume
    }
    assert mounted == {(config["namespace"], config["name"])}


def test_the_private_key_stays_here_readable_by_its_owner_alone(issue, tmp_path):
    published = json.dumps(published_keys(issue))
    assert '"d"' not in json.loads(published)["data"]["jwks.json"]
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    assert published_keys(issue) == json.loads(published), "the key is kept"


def test_the_private_key_is_never_committed(root):
    assert ".langdesign/" in (root / ".gitignore").read_text().splitlines()


def test_the_namespace_keeps_its_labels(issue, local):
    """`kubectl apply` of a bare Namespace would take the security standard off again."""
    (rendered,) = [one for one in local if one["kind"] == "Namespace"]
    items = json.loads(issue("jwks"))["items"]
    (applied,) = [one for one in items if one["kind"] == "Namespace"]
    assert applied["metadata"]["labels"].items() <= rendered["metadata"]["labels"].items()
    assert yaml.safe_dump(applied["metadata"]["labels"]).count("restricted") == 2


def test_the_overlay_with_a_gpu_gets_its_own(issue, root, render):
    (namespace,) = [
        one["metadata"]["name"]
        for one in render(root / "deploy/overlays/local-gpu")
        if one["kind"] == "Namespace"
    ]
    made, *rest = json.loads(issue("jwks", "--namespace", namespace))["items"]
    assert made["metadata"]["name"] == namespace
    assert {one["metadata"]["namespace"] for one in rest} == {namespace}
