"""Expected failures end in one line and an exit code, never in a traceback."""

import errno
import json
import sys
from typing import Any

import typer
from langdesign_client.errors import InvalidInputError, LangDesignError
from typer.core import TyperGroup

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


_AS_JSON = "langdesign.as_json"
_FULL = (errno.ENOSPC, errno.EDQUOT)  # of a disk, which has no name in the error


class Commands(TyperGroup):
    """The root group: turns errors of the client's family into a line on stderr and their exit code.

    Where the output is for machines, a wrong usage is told in the same JSON as everything else.
    """

    def make_context(self, info_name: Any, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Read the options before the command."""
        as_json = "--json" in args  # no command has run yet that could say so
        try:
            context = super().make_context(info_name, args, parent, **extra)
        except typer.TyperException as error:
            _tell_usage(error, as_json=as_json)
            raise
        context.meta[_AS_JSON] = as_json
        return context

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except LangDesignError as error:
            tell(error, as_json=ctx.meta[_AS_JSON])
            raise typer.Exit(error.exit_code) from None
        except typer.TyperException as error:
            _tell_usage(error, as_json=ctx.meta[_AS_JSON])
            raise
        except KeyboardInterrupt:
            typer.echo("interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # The reader of a pipe (`| head`) has seen enough.
            sys.stderr.close()
            raise typer.Exit(0) from None
        except OSError as error:
            if error.filename is None and error.errno not in _FULL:
                raise  # no file's: unexpected, and told whole
            reason = (error.strerror or "no reason").lower()
            told = LangDesignError(f"{error.filename or 'the output'}: {reason}", hint="mend that first")
            tell(told, as_json=ctx.meta[_AS_JSON])
            raise typer.Exit(told.exit_code) from None


def _tell_usage(error: typer.TyperException, *, as_json: bool) -> None:
    """Tell a wrong usage as JSON and end; the usage text is for people."""
    if not as_json or not error.format_message():
        return
    context = getattr(error, "ctx", None)
    hint = f"see `{context.command_path} -h`" if context is not None else None
    tell(InvalidInputError(error.format_message(), hint=hint), as_json=True)
    raise typer.Exit(error.exit_code)


def tell(error: LangDesignError, *, as_json: bool) -> None:
    """Print an error to stderr: one line for people, or a JSON object where the output is for machines."""
    if as_json:
        violations = {item.field: item.description for item in error.violations}
        body = {
            "reason": error.reason,
            "message": error.message,
            "hint": error.hint,
            "fields": violations,
            "operation_id": error.operation_id or None,
            "resumable": error.resumable,
            "exit_code": error.exit_code,
        }
        typer.echo(json.dumps({"error": body}), err=True)
    else:
        typer.secho("error: ", fg=typer.colors.RED, nl=False, err=True)
        typer.echo(error.line, err=True)
