"""proactive demo"""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli._ui import console

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from agent.bench.demo import Receipt, Shown
    from agent.core.ports import Notifier
    from agent.core.records import Tick
    from agent.plug import Supplies


def command(
    scripted: Annotated[
        bool, typer.Option("--scripted", help="Let a scripted user answer, also on a desktop or terminal.")
    ] = False,
) -> None:
    """See the whole loop on a bundled day: no key, no account, no desktop needed. About a minute."""
    logging.basicConfig(level=logging.ERROR)
    screen = console()
    receipt = asyncio.run(_show(screen, scripted=scripted))
    _print(screen, receipt)


async def _show(screen: Console, *, scripted: bool) -> Receipt:
    from rich.progress import BarColumn, Progress, TextColumn

    from agent.bench.demo import Stage, demo

    notifier = None if scripted else await _notifier(screen)
    how = "A scripted user answers the offers." if notifier is None else "Answer the offers as they come."
    screen.print(f"A bundled day is played into a private ActivityWatch server, about 250 times as fast as it was. {how}\n")
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, console=screen, transient=True) as progress:
        bar = progress.add_task("starting ActivityWatch", total=1.0)

        def played(share: float, now: datetime) -> None:
            progress.update(bar, completed=share, description=f"the day at {now.astimezone():%H:%M}")

        def happened(tick: Tick, shown: Shown) -> None:
            screen.print(f"{tick.at.astimezone():%H:%M}  {shown.offer.candidate.task}  [{shown.response}]", markup=False)

        return await demo(Stage(notifier, played, happened))


async def _notifier(screen: Console) -> Callable[[Supplies], Notifier] | None:
    """Toasts if there is a server for them, else this terminal if a person sits at it, else nobody (a scripted user)."""
    from agent import plug
    from agent.clocks import RealClock

    def build(kind: str, supplies: Supplies) -> Notifier:
        built: Notifier = plug.build("notify", kind, {}, supplies)
        return built

    trial = build("desktop", plug.Supplies(clock=RealClock()))
    problem = await trial.probe()
    await trial.close()
    if not problem:
        return lambda supplies: build("desktop", supplies)
    screen.print(f"No toasts here: {problem}", markup=False)
    if sys.stdin.isatty() and sys.stdout.isatty():
        return lambda supplies: build("console", supplies)
    return None


def _print(screen: Console, r: Receipt) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="Offers", show_lines=True, title_justify="left")
    for head in ("at", "offer and evidence", "what would run", "answer", "result"):
        table.add_column(head, overflow="fold")
    for s in r.offers:
        c = s.offer.candidate
        result = f"{s.run.state}: {s.run.text[:240]}" if s.run else "-"
        what = f"[bold]{escape(c.task)}[/bold]\n{escape(c.because)}"
        table.add_row(f"{s.offer.at.astimezone():%H:%M}", what, escape(s.offer.line), s.response, escape(result))
    screen.print(table)
    quiet = Table(title="Why it stayed quiet", title_justify="left", box=None)
    quiet.add_column("looks", justify="right")
    quiet.add_column("because")
    for reason, count in r.quiet.most_common():
        quiet.add_row(str(count), reason)
    screen.print(quiet)
    spent = sum(c.tokens for c in r.calls)
    accepted = sum(s.response == "accepted" for s in r.offers)
    screen.print(
        f"\n{r.minutes:.0f} minutes of activity seen in {r.ticks} looks; {len(r.offers)} offers, {accepted} accepted; "
        f"{len(r.calls)} LLM calls, {spent} tokens. Nothing left this machine."
    )
    screen.print("Next: proactive init, then proactive run, on your own ActivityWatch. What it looks at: README.md")
