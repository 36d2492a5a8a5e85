"""What every LangDesign service stands on: bootstrap, health, auth, telemetry, limits, deadlines, errors.

A service's ``__main__`` makes one call, `run`. Its servicers raise `errors`; its peers are reached through
`Runtime.channel`; its tests start it with `langdesign_chassis.testing`.
"""

from langdesign_chassis import errors
from langdesign_chassis.callstate import current_tenant, remaining
from langdesign_chassis.channels import channel
from langdesign_chassis.entry import run
from langdesign_chassis.runtime import Runtime
from langdesign_chassis.server import serve
from langdesign_chassis.settings import ChassisSettings
from langdesign_chassis.status import from_rpc

__all__ = [
    "ChassisSettings",
    "Runtime",
    "channel",
    "current_tenant",
    "errors",
    "from_rpc",
    "remaining",
    "run",
    "serve",
]
