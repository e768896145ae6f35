"""proactive replay"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli._ui import clock, console, say, show_json, span
from agent.cli._ui import store as own_store
from agent.errors import ConfigError, ControlError, StoreError

if TYPE_CHECKING:
    from agent.core.pace_settings import PaceSettings
    from agent.core.ports import Store
    from agent.replay import Compared, Policy, Replayed

SHOWN = 40
NOT_STORED = (
    "Not recomputed: what the predictor and the judge say (their stored words are taken), what they would have said where they"
    " were not asked, and what would have followed; each decision is recomputed on its own."
)


def command(
    store: Annotated[Path | None, typer.Option(help="Database to read; else the one of the data folder.")] = None,
    policy: Annotated[
        str, typer.Option(help="current (today's settings), then (those of the time), or a file with a [pace] section.")
    ] = "current",
    since: Annotated[str, typer.Option(help="Only looks of the last time so long, such as 7d, or from a date on.")] = "",
    shadow: Annotated[bool, typer.Option("--shadow", help="Compare with the shadow policy ([pace.shadow]) instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Decide the past again with today's rules, and say what would be decided otherwise and why.

    Exit code 1 if something differs that neither other rules nor other settings explain.
    """
    from agent.replay import compare, replay

    opened, begin = _open(store), _since(since)
    if shadow:
        compared = compare(opened, begin)
        show_json(compared.model_dump(mode="json")) if as_json else _show_shadow(compared)
        return
    found = replay(opened, _policy(policy), begin)
    if as_json:
        show_json({**found.model_dump(mode="json"), "explained": found.explained})
    else:
        _show(found)
    if not found.explained:
        raise typer.Exit(1)


def _open(path: Path | None) -> Store:
    from agent.store.sqlite import open_readonly

    if path is None:
        return own_store()
    if not path.is_file():
        raise StoreError(f"There is no database at {path}.", "Name the file proactive.db of a data folder.")
    opened: Store = open_readonly(path)
    return opened


def _since(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(timezone.utc)
    except ValueError:
        pass
    try:
        return datetime.now(timezone.utc) - timedelta(seconds=span(text).seconds)
    except ControlError as e:
        raise ControlError(f"'{text[:40]}' is neither a span of time nor a date.", "Write it as 7d or 2026-03-01.") from e


def _policy(name: str) -> Policy:
    from agent.replay import Policy

    today = _settings(None)
    if name == "current":
        return Policy(name=name, settings=today, today=today)
    if name == "then":
        return Policy(name=name, today=today)
    path = Path(name)
    if not path.is_file():
        raise ConfigError(f"There is no policy '{name[:80]}'.", "Use current, then, or a file with a [pace] section.")
    other = _settings(path)
    return Policy(name=path.name, settings=other, today=other)


def _settings(path: Path | None) -> PaceSettings:
    from agent.configfile import find, read

    return read(find(path)).pace


def _show(found: Replayed) -> None:
    if not found.looks:
        say("There is no look in that time.")
        return
    first, last = (clock(t) if t else "" for t in (found.first, found.last))
    say(f"{found.looks} looks from {first} to {last}; {found.recomputed} decisions recomputed with policy '{found.policy}'.")
    for why, count in found.left_out.items():
        say(f"{count} left out: {why}.")
    if found.without_basis:
        say(f"{found.without_basis} were stored without settings and pace; their own inputs are all that is known of them.")
    _table(found)
    say(f"Asks: {found.asks} then, {found.asks_recomputed} now. Offers: {found.offers} then, {found.offers_recomputed} now.")
    if found.unknown:
        say(f"{found.unknown} looks would ask a model that was not asked; what it would have said is not known.")
    say(_verdict(found))
    say(NOT_STORED)


def _table(found: Replayed) -> None:
    from rich.table import Table

    if not found.differences:
        return
    table = Table("stored", "recomputed", "count", "cause", "first", title="Decisions that differ")
    table.columns[2].justify = "right"
    for d in found.differences[:SHOWN]:
        would = d.recomputed if d.recomputed != d.stored else "the same, other interval, rest or price"
        table.add_row(
            d.stored, would, str(d.count), d.cause, f"{clock(d.at)} [{d.example[:8]}]", style="" if d.explained else "bold"
        )
    console().print(table, markup=False)
    if len(found.differences) > SHOWN:
        say(f"... and {len(found.differences) - SHOWN} kinds of difference more; all with --json.")


def _verdict(found: Replayed) -> str:
    if not found.differences:
        return "Every decision comes out as it was stored."
    total = sum(d.count for d in found.differences)
    if found.explained:
        return f"{total} differ, all explained by an older version of the rules or other settings."
    wrong = sum(d.count for d in found.differences if not d.explained)
    return f"{total} differ; {wrong} of them under the same rules and settings, which should not be. Please report it."


def _show_shadow(found: Compared) -> None:
    from rich.table import Table

    if not found.looks:
        say("No shadow ran in that time. Give one its settings under [pace.shadow] in your configuration.")
        return
    say(f"{found.looks} looks on {found.days} days, {found.same} decided alike.")
    table = Table("", "live", "shadow", title="Live policy and shadow")
    table.add_row("asks", str(found.asks), str(found.asks_shadow))
    table.add_row("offers", str(found.offers), f"{found.offers_shadow}, and up to {found.unknown} that are not known")
    console().print(table, markup=False)
    for which, words in (("both", "Offers of both"), ("live only", "Offers that the shadow would not have made")):
        counts = ", ".join(f"{n} {k}" for k, n in sorted(found.answers.get(which, {}).items()))
        say(f"{words}: {counts or 'none'}.")
    differing = Table("live", "shadow", "count", title="Decisions that differ")
    for cell in found.cells[:SHOWN]:
        differing.add_row(cell.live, cell.shadow, str(cell.count))
    console().print(differing, markup=False)
    say("'ask': only the shadow would have asked a model; what it would have said is not known.")
