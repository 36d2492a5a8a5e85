"""What `langdesign --version` says, for reports of faults."""

import importlib.metadata
import platform
import subprocess

from langdesign_command.errors import StartError
from langdesign_command.local import checkout


def version_line() -> str:
    """Return name and version, the checkout's revision where there is one, Python and system."""
    version = importlib.metadata.version("langdesign")
    revision = _revision()
    told = [revision, f"Python {platform.python_version()}", platform.platform(terse=True)]
    return f"langdesign {version} ({', '.join(part for part in told if part)})"


def _revision() -> str:
    """Return the revision of the checkout, such as `1a2b3c4` or, with changes, `1a2b3c4-dirty`."""
    try:
        root = checkout.find_root()
        command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--exclude=*"]
        found = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (StartError, OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""
