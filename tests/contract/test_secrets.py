"""The hook finds a secret that is about to be committed, and the baseline has looked at what was there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

HOOK = Path(sys.executable).with_name("detect-secrets-hook")


@pytest.fixture
def look(root):
    """Looks at a file as the hook does; returns the exit code and what it says."""

    def run(path):
        command = [str(HOOK), "--no-verify", "--baseline", str(root / ".secrets.baseline"), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
        return done.returncode, done.stdout

    return run


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN " + "RSA PRIVATE KEY-----",
        "aws_access_key_id = AKIA" + "IOSFODNN7" + "ABCDEFG",
        "token = '" + "ghp_" + "a1B2" * 9 + "'",
    ],
    ids=["private key", "cloud key", "forge token"],
)
def test_a_secret_is_found_by_the_hook(look, tmp_path, line):
    path = tmp_path / "settings.ini"
    path.write_text(f"# deployment\n{line}\n")
    code, said = look(path)
    assert code == 1, said
    assert "settings.ini" in said


def test_what_holds_none_passes(look, tmp_path):
    path = tmp_path / "settings.ini"
    path.write_text("[service]\nlisten = 127.0.0.1:7004\nkey = /run/secrets/key.pem\n")
    assert look(path) == (0, "")


def test_the_hook_is_one_of_those_at_each_commit(root):
    config = yaml.safe_load((root / ".pre-commit-config.yaml").read_text())
    entries = {hook["id"]: hook["entry"] for repository in config["repos"] for hook in repository["hooks"]}
    assert entries["secrets"] == ".venv/bin/detect-secrets-hook --no-verify --baseline .secrets.baseline"


def test_what_the_baseline_lets_pass_is_there_and_is_no_key_of_a_provider(root):
    results = json.loads((root / ".secrets.baseline").read_text())["results"]
    assert not [path for path in results if not (root / path).is_file()]
    kinds = {one["type"] for found in results.values() for one in found}
    assert kinds <= {
        "Basic Auth Credentials",
        "Hex High Entropy String",
        "Base64 High Entropy String",
        "Secret Keyword",
        "Private Key",  # the nonsense between markers that tests hand in
        "JSON Web Token",
    }
