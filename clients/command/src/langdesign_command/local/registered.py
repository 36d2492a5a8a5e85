"""Checkpoints of a registered version: fetched and verified by the registry's own program, as a child."""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from langdesign_command.errors import StartError
from langdesign_command.local.guard import start_guarded
from langdesign_command.local.preflight import runnable
from langdesign_command.local.weights import Weights

SCHEME = "models:/"
"""What the name of a registered version begins with: `models:/interior@champion`, `models:/interior@3`."""

PROGRAM = "langdesign_registry"
"""Module of the registry's program."""

NO_KEY_NOTICE = "no public key is known: the digest of the models is checked, and no signature"
"""What is said where a version is served on its digest alone."""


async def fetch(
    name: str, models: list[str], data: Path, environment: Mapping[str, str], tell: Callable[[str], None]
) -> Weights:
    """Fetch a registered version below `data`, verified, and return its checkpoints for Triton's `models`.

    `LANGDESIGN_REGISTRY` says where the registry is, by default below `data`; `MODEL_PUBLIC_KEY` which key
    must have signed, by default the one beside a local registry. The model server verifies again as it loads.

    Raises:
        StartError: there is no such version, it does not hold, or it lacks one of the models.

    """
    if not runnable(PROGRAM):
        raise StartError(f"{PROGRAM} is not installed", hint="run `make setup`, or give --models DIR")
    registry = environment.get("LANGDESIGN_REGISTRY") or f"sqlite:///{data}/registry/mlflow.db"
    given = environment.get("MODEL_PUBLIC_KEY", "")
    key = ["--public-key", given] if given else []
    tell(f"fetching {name} from the registry")
    told = await _run(
        ["fetch", name, str(data / "models"), "--registry", registry, *key, "--json"], environment
    )
    folder, version = Path(told["folder"]), f"{told['model']}@{told['version']}"
    if missing := [model for model in models if not (folder / model).is_dir()]:
        raise StartError(f"{version} has no {' and no '.join(missing)}", hint="package it with every model")
    if not told["public_key"]:
        tell(NO_KEY_NOTICE)
    tell(f"{version} is whole: {told['digest']}")
    demands = {
        "MODEL_VERSION": version,
        "MODEL_DIGEST": told["digest"],
        "MODEL_PUBLIC_KEY": told["public_key"],
    }
    folders = {model: folder / model for model in models}
    return Weights(folders, random=False, version=version, demands=demands)


async def _run(arguments: list[str], environment: Mapping[str, str]) -> Any:
    process = await start_guarded([sys.executable, "-m", PROGRAM, *arguments], environment=environment)
    try:
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    last = (said.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
    if process.returncode:
        raise StartError(last.removeprefix("error: "))
    return json.loads(last)
