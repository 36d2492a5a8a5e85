"""Expected failures end in one line and an exit code, never in a traceback."""

import json
import sys
from typing import Any

import typer
from langdesign_client.errors import LangDesignError
from typer.core import TyperGroup

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


class Commands(TyperGroup):
    """The root group: turns errors of the client's family into a line on stderr and their exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except LangDesignError as error:
            tell(error, as_json=ctx.obj is not None and ctx.obj.as_json)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            typer.echo("interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # The reader of a pipe (`| head`) has seen enough.
            sys.stderr.close()
            raise typer.Exit(0) from None


def tell(error: LangDesignError, *, as_json: bool) -> None:
    """Print an error to stderr: one line for people, or a JSON object where the output is for machines."""
    if as_json:
        violations = {item.field: item.description for item in error.violations}
        body = {
            "reason": error.reason,
            "message": error.message,
            "hint": error.hint,
            "fields": violations,
            "exit_code": error.exit_code,
        }
        typer.echo(json.dumps({"error": body}), err=True)
    else:
        typer.secho("error: ", fg=typer.colors.RED, nl=False, err=True)
        typer.echo(error.line, err=True)
