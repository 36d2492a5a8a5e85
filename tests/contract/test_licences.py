"""What our images hold may be used commercially, and nothing in them is under a licence that spreads."""

import importlib
import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

OPTIONAL = {"psycopg": "extra `postgres`", "psycopg-binary": "extra `postgres`"}
"""Under the LGPL, used as they are, and only where an installation keeps its data in Postgres."""
STATED_ELSEWHERE = {"sigstore-models": "MIT License"}
"""Whose metadata say nothing: the licence in their own file."""
_SPREADS = re.compile(
    r"\b(A?GPL|LGPL|SSPL|EUPL|OSL)|general public|copyleft|non-?commercial|CC-BY-NC", re.IGNORECASE
)


@pytest.fixture(scope="module")
def sbom(root):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root / "deploy/images"))
        yield importlib.import_module("sbom")


@pytest.fixture(scope="module")
def licences():
    """What each installed distribution says of its licence."""
    program = Path(sys.executable).with_name("pip-licenses")
    command = [str(program), "--from=mixed", "--with-system", "--format=json"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {canonicalize_name(one["Name"]): one["License"] for one in told}


@pytest.fixture(scope="module")
def held(sbom):
    """The distributions of other people that each image holds."""
    return {
        image: {name for name in sbom.held(image) if not name.startswith(("langdesign-", "nvidia-"))}
        for image in sbom.BILLED
    }


def test_every_package_in_an_image_states_its_licence(held, licences):
    unstated = {
        name for names in held.values() for name in names if licences.get(name, "UNKNOWN") == "UNKNOWN"
    }
    assert unstated == STATED_ELSEWHERE.keys()


def test_none_is_under_a_licence_that_spreads_but_what_is_optional(held, licences):
    spreading = {name for names in held.values() for name in names if _SPREADS.search(licences.get(name, ""))}
    assert spreading == OPTIONAL.keys()


def test_what_states_its_licence_in_a_file_still_does():
    for name, first in STATED_ELSEWHERE.items():
        (file,) = [one for one in importlib.metadata.files(name) or () if one.name == "LICENSE"]
        assert file.read_text().startswith(first)


def test_the_page_s_packages_may_be_used_commercially(root):
    lock = json.loads((root / "clients/web/package-lock.json").read_text())
    shipped = {
        path: package.get("license", "")
        for path, package in lock["packages"].items()
        if path and not package.get("dev")
    }
    assert shipped
    assert not [path for path, licence in shipped.items() if not licence or _SPREADS.search(licence)]
