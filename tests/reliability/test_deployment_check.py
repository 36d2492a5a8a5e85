"""The check of a deployment, on real processes: the steps are those that a cluster is checked by."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / "deploy/check/run.py"


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_edits_go_on_while_services_roll_servers_come_and_go_and_a_model_dies():
    done = subprocess.run(
        [sys.executable, str(CHECK), "processes"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    steps = [line.split("  ")[0].strip() for line in done.stdout.splitlines()[1:]]
    assert len(steps) == 6, done.stdout
    assert "0 lost, 0 done twice" in done.stdout
