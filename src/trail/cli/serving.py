"""Commands that bring forecasts to others: a server, files, a database, webhooks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trail.cli.commands import Folder, Json, answer, app
from trail.cli.progress import reporting
from trail.cli.values import moment, needs_service

_Url = Annotated[
    str, typer.Argument(metavar="URL", help="postgresql://user@host/database; password by PGPASSWORD.")
]


@app.command(epilog="Example: trail serve shop --port 8765")
def serve(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR...", help="Projects; each is named by its folder.")
    ],
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; without --keys only this machine's own.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="TCP port; 0 for any free one.")
    ] = 8765,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", metavar="FILE", help="Who may ask: a file of `trail keys create`."),
    ] = None,
    allowed_hosts: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host", metavar="NAME", help="Names that it answers to; default any. May be repeated."
        ),
    ] = None,
    origins: Annotated[
        list[str] | None,
        typer.Option("--allow-origin", metavar="URL", help="Sites whose pages may ask (CORS); default none."),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="Certificate, for https.")
    ] = None,
    certificate_key: Annotated[
        Path | None, typer.Option("--certificate-key", metavar="FILE", help="Its private key.")
    ] = None,
    key_limit: Annotated[
        int,
        typer.Option(
            "--limit-key",
            min=1,
            metavar="N",
            help="Requests a minute by one key; without --keys, by this machine.",
        ),
    ] = 30_000,
    client_limit: Annotated[
        int,
        typer.Option(
            "--limit-client", min=1, metavar="N", help="Requests a minute by one address without a good key."
        ),
    ] = 600,
    text_limit: Annotated[
        int,
        typer.Option(
            "--limit-texts", min=1, metavar="N", help="Texts that one key has the model write a minute."
        ),
    ] = 30,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="URL",
            help="PostgreSQL out of which each project is pulled by its folder's name, now and when another is published.",
        ),
    ] = "",
    traces: Annotated[
        bool,
        typer.Option(
            "--traces", help="Trace requests by OpenTelemetry, set up by its environment variables."
        ),
    ] = False,
) -> None:
    """Serves forecasts: a page for people, /v1 for programs; a newly published snapshot is taken up within a second."""
    needs_service()
    from trail.service import ServiceSettings, named
    from trail.service.guard import GuardSettings
    from trail.service.limits import LimitSettings
    from trail.service.serving import Address, logging_to_stderr, prepared

    served = prepared(
        ServiceSettings(projects=named(folders, pulled=bool(source)), source=source, traces=traces),
        GuardSettings(
            allowed_hosts=tuple(allowed_hosts or ()),
            allowed_origins=tuple(origins or ()),
            limits=LimitSettings(key_limit, client_limit, text_limit),
        ),
        Address(host, port, certificate, certificate_key),
        keys,
    )
    kind = "open to this machine alone" if served.open else "keys needed"
    typer.echo(f"{served.url}  ({kind}; Ctrl-C ends it)")
    if served.warning:
        typer.echo(served.warning, err=True)
    with logging_to_stderr():
        served.run()


@app.command(epilog="Example: trail export shop --to hits.csv")
def export(
    folder: Folder,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="PLACE",
            help="A file (.csv, .json, .jsonl, .parquet, .arrow) or postgresql://user@host/database.",
        ),
    ],
    at: Annotated[str, typer.Option("--at", help="Cutoff of the snapshot; default the published one.")] = "",
    as_json: Json = False,
) -> None:
    """Writes a sealed forecast as one flat file, a row an item, or into PostgreSQL."""
    from trail.cli import answers, show
    from trail.operations.exporting import export as do

    with reporting() as report:
        done = do(folder, to, at=moment(at, "--at"), report=report)
    answer(done, as_json, answers.of_export, show.show_exported)


@app.command(epilog="Example: trail pull postgresql://reader@db/trail shop mirror/shop")
def pull(
    url: _Url,
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="Its name there.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where it goes; made if absent.")],
    as_json: Json = False,
) -> None:
    """Brings the published forecast of a project out of PostgreSQL, and older ones, to be served elsewhere; checked by hashes."""
    from trail.cli.answers import dumped
    from trail.operations.exporting import pull as do
    from trail.operations.exporting import pull_older

    name = do(url, project, folder)
    older = [*iter(lambda: pull_older(url, project, folder), "")]
    told = {"snapshot": name, "folder": folder, "older": older}
    came = f", {len(older)} older came with it" if older else ""
    typer.echo(dumped(told) if as_json else f"{name} is in {folder}{came}")


@app.command(epilog="Example: trail alerts shop")
def alerts(folder: Folder, as_json: Json = False) -> None:
    """Delivers messages to webhooks that wait, such as those that failed in the night.

    One that is not delivered is told (exit code 4) and tried again by the next run.
    """
    from trail.cli import answers, show
    from trail.errors import EngineError
    from trail.operations.alerting import send

    done = send(folder)
    answer(done, as_json, answers.of_alerts, show.show_alerted)
    if done.troubles:
        raise typer.Exit(EngineError.exit_code)
