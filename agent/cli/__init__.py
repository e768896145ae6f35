"""The command line, one file a command: a file that defines `command` (or `app`, for a group) is one."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import typer

from agent.cli._ui import complain
from agent.errors import ProactiveError
from agent.seclusion import close_umask, no_core_dump

HELP = "Watches what you do through ActivityWatch and offers one helpful task at the right moment."


def build() -> typer.Typer:
    """The command line with every command file of this folder."""
    app = typer.Typer(help=HELP, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")):
        loaded = importlib.import_module(f"agent.cli.{module}")
        if hasattr(loaded, "app"):
            app.add_typer(loaded.app, name=module.removesuffix("_"))
        else:
            app.command(module.removesuffix("_"))(loaded.command)
    return app


def main() -> None:
    """Entry point: exit code 0 done, 1 failed, 2 wrong usage. Whatever it writes is the user's alone."""
    close_umask()
    no_core_dump()
    try:
        build()()
    except ProactiveError as e:
        complain(e)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
