"""The command `renewctl serve`."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from pathlib import Path
from typing import Any

import click

from engine.commands.session import Session
from engine.diagnostics import ConfigurationError, InputError


class _Port(click.IntRange):
    """A port; what is none is said to be none."""

    name = "port"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - as click passes it
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """Return the number."""
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter:
            self.fail(f"{value!r} is not a port: write a number from 0 to 65535", param, ctx)


_LEVELS = ("debug", "info", "warning", "error")


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="RENEWCTL_HOST",
    help="The address to listen on; one that others reach takes --insecure.",
)
@click.option(
    "--port",
    type=_Port(0, 65535),
    envvar="RENEWCTL_PORT",
    help="The port; 0 is any that is free.  [default: 8480; none, if there is a --socket]",
)
@click.option(
    "--socket",
    type=click.Path(path_type=Path),
    envvar="RENEWCTL_SOCKET",
    help="Listen on this Unix socket; with --port on both.",
)
@click.option(
    "--insecure",
    is_flag=True,
    envvar="RENEWCTL_INSECURE",
    help="Let everybody ask who reaches the address; nobody is asked who they are.",
)
@click.option(
    "--watch",
    type=click.Choice(["auto", "poll", "off"]),
    default="auto",
    show_default=True,
    envvar="RENEWCTL_WATCH",
    help="How changes are noticed: by events where there are any, by looking, or only when told.",
)
@click.option(
    "--poll",
    type=click.FloatRange(0.1, 3600),
    default=10.0,
    show_default=True,
    envvar="RENEWCTL_POLL",
    metavar="SECONDS",
    help="The time between two looks.",
)
@click.option(
    "--facts",
    metavar="FILE|URL",
    envvar="RENEWCTL_FACTS",
    help="Renewal facts: a file or a database.  [default: as config/vendor.yaml says, else facts/]",
)
@click.option(
    "--skip-bad-facts",
    is_flag=True,
    envvar="RENEWCTL_SKIP_BAD_FACTS",
    help="Go on without facts that cannot be read.",
)
@click.option(
    "--start-from-last-good",
    is_flag=True,
    envvar="RENEWCTL_START_FROM_LAST_GOOD",
    help="If the root has errors at the start, answer from what was good when it last had none.",
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="RENEWCTL_STATE",
    help="Where that is kept.  [default: $STATE_DIRECTORY, else below $XDG_STATE_HOME]",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    envvar="RENEWCTL_LOG_FORMAT",
    help="How the log is written, on stderr.",
)
@click.option(
    "--log-level",
    type=click.Choice(_LEVELS),
    default="info",
    show_default=True,
    envvar="RENEWCTL_LOG_LEVEL",
    help="What is worth a line.",
)
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option, as click passes them
    session: Session,
    *,
    host: str,
    port: int | None,
    socket: Path | None,
    insecure: bool,
    watch: str,
    poll: float,
    facts: str | None,
    skip_bad_facts: bool,
    start_from_last_good: bool,
    state: Path | None,
    log_format: str,
    log_level: str,
) -> int:
    """Answer over HTTP, and take up each change of the root.

    A change with errors is refused, and what was live before goes on answering. SIGHUP takes up what is on
    disk, SIGTERM ends the process once everything is answered.

    \b
    Examples:
      renewctl serve
      renewctl serve --socket /run/renewctl/socket --log-format json
      curl http://127.0.0.1:8480/v1/clients/acme/decision
    """  # noqa: D301 - \b keeps click from filling the lines
    from engine.daemon import events, logs, running  # noqa: PLC0415 - an extra, and 120 ms
    from engine.daemon.watcher import Watch  # noqa: PLC0415 - the same

    logs.configure("json" if log_format == "json" else "text", logging.getLevelName(log_level.upper()))
    root = session.root.absolute()
    settings = running.Settings(
        root=root,
        host=host,
        port=port if port is not None or socket else 8480,
        socket=socket,
        is_open=insecure,
        watch=Watch(watch),
        every=poll,
        facts=facts,
        skip_bad_facts=skip_bad_facts,
        start_from_last_good=start_from_last_good,
        state=state or _state(root),
        announces=log_format != "json",
    )
    if facts == "-":
        raise InputError("a daemon reads facts again and again, and standard input only once", "name a file")
    try:
        running.run(settings)
    except Exception as error:  # noqa: BLE001 - of a defect, too, the log has a line, without anybody's address
        is_typed = log_format == "text" and sys.stderr.isatty()
        if is_typed and isinstance(error, ConfigurationError | InputError):
            session.complain(events.refusal(error))  # whoever types wants no line of a log
        else:
            events.not_started(error)
        return events.exit_code(error)
    return 0


def _state(root: Path) -> Path:
    """Return where the last good configuration of a root is kept."""
    given = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given)
    home = os.environ.get("XDG_STATE_HOME", "")
    base = Path(home) if home.startswith("/") else Path("~/.local/state").expanduser()
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return base / "renewctl" / name
