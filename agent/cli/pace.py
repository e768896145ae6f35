"""proactive pace"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli._ui import change, console, pace_report, say, show_json, store, until
from agent.errors import ControlError, StoreError

SHOWN = 20
"""Kinds in the table; a model may name a new one with each idea."""


def command(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw offers and acceptance by day to this .png.")] = None,
    export: Annotated[Path | None, typer.Option(help="Write all of it, day by day too, as JSON.")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Forget what your answers taught about the pace.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Reset without a question.")] = False,
) -> None:
    """How often, when and what is offered to you, and why: what your answers taught so far."""
    if yes and not reset:
        raise typer.BadParameter("--yes belongs to --reset")
    if reset and (as_json or plot or export):
        raise typer.BadParameter("--reset stands alone; export first, then reset")
    if reset:
        _reset(yes=yes)
        return
    report = pace_report()
    done = [*([_plot(plot)] if plot else []), *([_export(report, export)] if export else [])]
    if as_json:
        show_json(report)
    elif done:
        say("\n".join(done))
    else:
        show(report)


def show(r: dict[str, Any]) -> None:
    """The report as lines and a table."""
    from rich.markup import escape
    from rich.table import Table

    for line in lines(r):
        say(line)
    if not r["ideas"]:
        return
    table = Table()
    for n, head in enumerate(("kind", "offered", "accepted", "rejected", "dismissed", "ignored", "chance (90 %)", "why")):
        table.add_column(head, justify="right" if 0 < n < 7 else "left", overflow="fold")
    for i in r["ideas"][:SHOWN]:
        counts = [str(i[k]) for k in ("offered", "accepted", "rejected", "dismissed", "ignored")]
        chance = f"{i['estimate']:.2f} ({i['low']:.2f}-{i['high']:.2f})"
        table.add_row(escape(i["name"]), *counts, chance, escape(i["why"]))
    console().print(table)
    if more := len(r["ideas"][SHOWN:]):
        say(f"... and {more} kinds that were offered less often; all with --json.")


def lines(r: dict[str, Any]) -> list[str]:
    """Level, interval, rest, price and budget in plain lines."""
    chose = "as you chose" if r["level_from"] == "you" else "from the configuration"
    out = [f"Level {r['level']}, {chose}: {r['words']}."]
    if r["level"]:
        out.append(f"The model is asked every {_span(r['interval'])} at most; offers are at least {_span(r['rest'])} apart.")
        out.append(f"At a good moment an offer needs a chance of {r['price']:.2f} that you accept it, in mid-task more.")
    if r["paused_until"]:
        out.append(f"Paused until {until(r['paused_until'])}. Go on with: proactive resume")
    out.append(f"{r['why']} (Answers that count: {r['answers']}.)")
    out.append(f"Today: {r['offers']['today']} of {r['offers']['cap']} offers, {_tokens(r['tokens'])}.")
    return out


def _tokens(t: dict[str, Any]) -> str:
    if t["budget"] is None:
        return f"{t['used']:,} tokens, no budget"
    return f"{t['used']:,} of {t['budget']:,} tokens, {t['left']:,} left"


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _plot(path: Path) -> str:
    from agent.cli._pace_plot import draw
    from agent.pacing import days

    drawn = days(store())
    if not drawn:
        raise StoreError("There was no offer yet, so there is nothing to draw.", "See: proactive inbox --all")
    if path.is_dir():
        raise StoreError(f"{path} is a folder.", "Give --plot a file such as pace.png.")
    path = path if path.suffix else path.with_suffix(".png")
    draw(drawn, path)
    return f"The picture is in {path}."


def _export(report: dict[str, Any], path: Path) -> str:
    from agent.learning import write_private
    from agent.pacing import days, kept

    opened = store()
    every = [d.model_dump(mode="json") for d in days(opened)]
    whole = {"exported": datetime.now().astimezone().isoformat(), **report, "state": kept(opened), "days": every}
    write_private(path, json.dumps(whole, ensure_ascii=False, indent=1) + "\n")
    return f"Level, estimates, {_count(report['answers'], 'answer')} and {_count(len(every), 'day')} are in {path}."


def _reset(*, yes: bool) -> None:
    if not yes:
        if not sys.stdin.isatty():
            raise ControlError("Nothing was reset.", "Add --yes to do it without a question.")
        typer.confirm("Forget what your answers taught about how often and when to offer?", abort=True)
    known = change("forget")["answers"]
    say(f"Forgotten: {_count(known, 'answer')}. Your level and the kinds you muted stay; history and inbox too.")
