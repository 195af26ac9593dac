"""`trail keys ...`: the keys of the HTTP service made, listed and revoked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from trail.cli.commands import Json, answer
from trail.cli.values import needs_service
from trail.errors import TrailError

if TYPE_CHECKING:
    from trail.service.keys import Key

keys = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
File = Annotated[Path, typer.Argument(metavar="FILE", help="The file of keys, such as keys.json.")]


@keys.callback()
def _all() -> None:
    """Makes, lists and revokes the keys of the HTTP service; what was done is added to audit.jsonl beside the file."""
    needs_service()


@keys.command(epilog="Example: trail keys create keys.json --name shop --scope explain --days 90")
def create(
    file: File,
    name: Annotated[str, typer.Option("--name", help="Who will use it.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            help="What it may do: read; explain, to have texts written, which holds read; admin, to read /metrics, which holds both. May be repeated.",
        ),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", min=0, help="Days until it is worth nothing; 0 for never.")
    ] = 90,
    as_json: Json = False,
) -> None:
    """Makes a key and shows it this once: the file keeps only a digest of it.

    Without --scope it may read. A running service knows it within a second.
    """
    from trail.service.audit import Act
    from trail.service.keys import create as make
    from trail.service.keys import revoke as undo

    made, text = make(file, name, scope or ["read"], days=days)
    try:
        _note(file, Act.KEY_CREATED, made)
    except TrailError:
        undo(file, made.id)  # a key that nobody noted is none
        raise
    answer((made, text), as_json, _of_created, _show_created)


@keys.command(name="list", epilog="Example: trail keys list keys.json")
def list_(file: File, as_json: Json = False) -> None:
    """Lists the keys of a file, the oldest first; no secret is among what is shown."""
    from trail.service.keys import listed

    answer(listed(file), as_json, _of_listed, _show_listed)


@keys.command(epilog="Example: trail keys revoke keys.json 5f0c9a1e")
def revoke(
    file: File,
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `trail keys list` shows it.")],
    as_json: Json = False,
) -> None:
    """Removes a key; a running service refuses it, and the sessions it opened, within a second."""
    from trail.service.audit import Act
    from trail.service.keys import revoke as remove

    gone = remove(file, key_id)
    _note(file, Act.KEY_REVOKED, gone)
    answer(gone, as_json, lambda key: {"revoked": _of_key(key)}, _show_revoked)


def _note(file: Path, act: Any, key: Key) -> None:
    """Adds an act to the audit log beside the file of keys."""
    from trail.service.audit import AUDIT_FILE, Audit, machine_user

    scopes = [str(each) for each in sorted(key.scopes)]
    Audit(file.with_name(AUDIT_FILE)).note(
        act, f"user {machine_user()}", key=key.id, name=key.name, scopes=scopes
    )


def _of_key(key: Key) -> dict[str, Any]:
    """Returns what may be shown of a key."""
    shown = {name: value for name, value in key.as_dict().items() if name != "digest"}
    return shown | {"expired": not key.alive(datetime.now(UTC))}


def _of_created(done: tuple[Key, str]) -> dict[str, Any]:
    """Returns `trail keys create --json`."""
    return {"key": done[1], **_of_key(done[0])}


def _show_created(done: tuple[Key, str], console: Console) -> None:
    made, text = done
    console.print(text, markup=False, highlight=False, soft_wrap=True)
    until = f"until {made.expires:%Y-%m-%d %H:%M} UTC" if made.expires else "for ever"
    console.print(
        f"This is the key of {escape(made.name)}, good for {_scopes(made)} {until}. It is never shown again: keep it now, "
        f"or revoke {made.id} and make another.",
        soft_wrap=True,
        highlight=False,
    )


def _of_listed(done: Sequence[Key]) -> dict[str, Any]:
    """Returns `trail keys list --json`."""
    return {"keys": [_of_key(each) for each in done]}


def _show_listed(done: Sequence[Key], console: Console) -> None:
    from trail.cli.show import table

    now = datetime.now(UTC)
    rows = [
        (
            each.id,
            each.name,
            _scopes(each),
            f"{each.created:%Y-%m-%d}",
            f"{each.expires:%Y-%m-%d}" if each.expires else "never",
            "" if each.alive(now) else "expired",
        )
        for each in done
    ]
    console.print(table("keys", ("id", "name", "scopes", "created", "expires", ""), rows, left=6))


def _show_revoked(gone: Key, console: Console) -> None:
    console.print(
        f"revoked: {gone.id} of {escape(gone.name)}; a running service refuses it within a second",
        highlight=False,
        soft_wrap=True,
    )


def _scopes(key: Key) -> str:
    return ", ".join(key.as_dict()["scopes"])
