"""The `langdesign` command. Modules of the commands load nothing slow: what is slow loads when it is used."""

import os
from typing import Annotated

import typer

from langdesign_command.cli import (
    bench,
    demo,
    designs,
    doctor,
    edit,
    models,
    refer,
    runs,
    segment,
    specialise,
    triples,
    up,
)
from langdesign_command.cli.failures import Commands
from langdesign_command.cli.session import Session

_EXIT_CODES = """Exit codes: 0 done; 1 failed; 2 wrong usage or input; 3 not found; 4 the service cannot be
reached or does not offer this; 5 out of time; 6 not allowed; 7 in conflict with the state; 8 overloaded;
9 cancelled; 10 the local services cannot start; 130 interrupted."""

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich's help takes longer to import than everything else
    epilog=_EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        from langdesign_command.cli.version import version_line  # noqa: PLC0415 - looks for the checkout

        typer.echo(version_line())
        raise typer.Exit


@app.callback()
def _connect(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Say the version, and exit."),
    ] = False,
    addr: Annotated[
        str,
        typer.Option(
            envvar="LANGDESIGN_CLIENT_ADDR",
            help="host:port of one server that offers every service. Without it each service is where "
            "EDITING_ADDR, REFERENCE_ADDR and so on say, or on this machine.",
        ),
    ] = "",
    token: Annotated[
        str, typer.Option(envvar="LANGDESIGN_CLIENT_TOKEN", help="Bearer token.", show_envvar=True)
    ] = "",
    tls: Annotated[
        bool, typer.Option("--tls", envvar="LANGDESIGN_CLIENT_TLS", help="Call over TLS.")
    ] = False,
    ca: Annotated[
        str, typer.Option(envvar="LANGDESIGN_CLIENT_CA", help="PEM file of the authorities to trust (TLS).")
    ] = "",
    certificate: Annotated[
        str,
        typer.Option(
            envvar="LANGDESIGN_CLIENT_CERTIFICATE",
            help="PEM file of your certificate (mTLS), with --key-file.",
        ),
    ] = "",
    key_file: Annotated[
        str, typer.Option(envvar="LANGDESIGN_CLIENT_KEY", help="PEM file of the certificate's key.")
    ] = "",
    trusted_network: Annotated[
        bool,
        typer.Option(
            "--trusted-network",
            envvar="LANGDESIGN_CLIENT_TRUSTED_NETWORK",
            help="Send the token without TLS too, as in a cluster.",
        ),
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(
            envvar="LANGDESIGN_CLIENT_TIMEOUT", min=0.001, help="Seconds that a call, or an edit, may take."
        ),
    ] = 600.0,
) -> None:
    """Edit pictures by instruction, in their region and nowhere else."""
    context.obj = Session(
        addr=addr,
        token=token,
        tls=tls,
        ca=ca,
        certificate=certificate,
        key_file=key_file,
        trusted_network=trusted_network,
        timeout=timeout,
    )


app.command("edit")(edit.edit)
app.command("segment")(segment.segment)
app.command("refer")(refer.refer)
app.add_typer(triples.app, name="triples")
app.add_typer(designs.app, name="designs")
app.add_typer(runs.app, name="runs")
app.add_typer(models.app, name="models")
app.command("specialise", context_settings=bench.PASS_ARGUMENTS_ON | {"help_option_names": []})(
    specialise.specialise
)
app.command("bench", context_settings=bench.PASS_ARGUMENTS_ON)(bench.bench)
app.command("up")(up.up)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)


def run() -> None:
    """Run the command line of this process."""
    # What gRPC logs of a broken connection stands in the error too, in the command's words.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    app()
