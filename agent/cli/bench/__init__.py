"""proactive bench, one file a bench: a file of this folder that defines `command` is one."""

from __future__ import annotations

import importlib
import pkgutil

import typer

HELP = "Measure: recorded days, the judge, agents and people, on data of your choice."


def build() -> typer.Typer:
    """The group with every bench file of this folder; a trailing underscore is no part of a bench's name."""
    group = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)
    group.callback()(_group)
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")):
        group.command(module.removesuffix("_"))(importlib.import_module(f"agent.cli.bench.{module}").command)
    return group


def _group() -> None:
    """Measure: recorded days, the judge, agents and people, on data of your choice."""


app = build()
