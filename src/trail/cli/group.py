"""The border: errors become one message on stderr and an exit code."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from trail.errors import ConfigError, TrailError

#: Wrong arguments, the class above those that typer exports.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]
#: What a shell reports of a program that the user stopped.
INTERRUPTED = 130
_KEPT = (
    "stopped: cards, models and snapshots that were finished are kept, nothing is half-written; "
    "the same command goes on from there (`trail train` with --resume)"
)


class Commands(TyperGroup):
    """The group of all commands, which translates errors."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Notes whether the command is asked for JSON, for then its errors are JSON too."""
        ctx.obj = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command.

        Raises:
            typer.Exit: With the error's own exit code, after its message.
        """
        try:
            return self._stoppable(ctx)
        except TrailError as error:
            from trail.operations.failures import rightly

            found = rightly(error)
            show_error(found, as_json=bool(ctx.obj))
            raise typer.Exit(found.exit_code) from error
        except _UsageError as error:
            if not ctx.obj:
                raise
            show_error(_as_config(error), as_json=True)
            raise typer.Exit(ConfigError.exit_code) from error
        except KeyboardInterrupt as error:
            typer.echo(json.dumps({"error": "Interrupted", "found": _KEPT}) if ctx.obj else _KEPT, err=True)
            raise typer.Exit(INTERRUPTED) from error
        except Exception as error:
            from trail.operations.failures import as_engine

            failure = as_engine(error)
            if failure is None:
                raise
            show_error(failure, as_json=bool(ctx.obj))
            raise typer.Exit(failure.exit_code) from error

    def _stoppable(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.Exit, _UsageError):
            raise
        except Exception as error:
            from trail.operations.failures import interrupted

            if interrupted(error):
                raise KeyboardInterrupt from error
            raise


def _as_config(error: Any) -> ConfigError:
    """Returns wrong arguments as an error of this project's own kind."""
    place = error.ctx.command_path if error.ctx else "trail"
    words = error.format_message()
    return ConfigError(
        words, expected="the arguments that --help shows", where=place, fix=f"run {place} --help"
    )


def show_error(error: TrailError, *, as_json: bool) -> None:
    """Prints an error on stderr, each part on its own line."""
    if as_json:
        typer.echo(json.dumps(error.as_dict()), err=True)
        return
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print("[bold red]error[/]: ", end="")
    console.print(error.found, markup=False)
    for label, words in (("expected", error.expected), ("in", error.where), ("do", error.fix)):
        if words:
            console.print(f"  {label}: {words}", markup=False)
