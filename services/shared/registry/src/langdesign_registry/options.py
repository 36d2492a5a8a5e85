"""Options and arguments that commands of the registry share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Uri = Annotated[
    str,
    typer.Option(
        "--registry", envvar="LANGDESIGN_REGISTRY", help="sqlite:///FILE, or MLflow's http(s) address."
    ),
]
PublicKey = Annotated[
    Path | None,
    typer.Option(help="PEM file of the key that must have signed; by default ../keys/public.pem."),
]
Name = Annotated[str, typer.Argument(help="models/MODEL@VERSION, models/MODEL@ALIAS or models:/MODEL@ALIAS.")]
