"""The command `koco`. Commands are imported when called, so that help is fast."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from kodosumi import __version__
from kodosumi.cli.failures import telling

_COMMANDS = {
    "start": "Start all of it: Ray, Serve, example services, panel.",
    "serve": "Start the panel alone.",
    "spool": "Run the spooler beside the panel, as a daemon.",
    "deploy": "Deploy services with a config file of Ray Serve.",
    "user": "Add people, and let them in or not.",
    "db": "Migrate and check the database.",
    "dev": "Start the panel with a made-up cluster, reloading on change.",
}


class _Lazy(click.Group):
    """Knows the names of its commands, and imports the module of one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"kodosumi.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show where an error comes from.")
def koco(*, debug: bool) -> None:
    """Run kodosumi: a runtime for agentic services on Ray.

    Settings come from flags, then KODO_… in the environment, then the file .env.
    """
    del debug  # `main` looks for it, so that it works for errors of any kind


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run `koco` with `args`, by default those of the process, and exit.

    What fails is told in plain words.
    """
    words = sys.argv[1:] if args is None else list(args)
    with telling(debug="--debug" in words):
        koco(words, prog_name="koco")
    raise SystemExit(0)
