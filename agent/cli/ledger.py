"""proactive ledger"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli._ui import MOST, clock, console, folder, say, show_json, span, store
from agent.errors import ControlError, StoreError

if TYPE_CHECKING:
    from agent.ledger import Line
    from agent.store._erase import Chosen
    from agent.store.sqlite import SqliteStore

DAY = "1d"
WHEN = "a span (2h, 3d), a date (2026-03-02) or a time (2026-03-02T14:00)"


def command(  # noqa: PLR0913, PLR0917 - the options of one command
    last: Annotated[bool, typer.Option("--last", help="The last call, its whole text.")] = False,
    number: Annotated[int, typer.Option("--id", min=0, help="The call of this number, its whole text.")] = 0,
    since: Annotated[str, typer.Option(help=f"Calls since then: {WHEN}. Default: {DAY}.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with whole texts.")] = False,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete instead of showing: --id, --since, --before or --all.")
    ] = False,
    before: Annotated[str, typer.Option(help=f"With --delete: calls before then: {WHEN}.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="With --delete: all calls, and all that was seen.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --delete: do not ask.")] = False,
) -> None:
    """Every LLM call: when, to whom, the exact text sent, what it cost and what came of it; and how to delete it."""
    now = datetime.now(timezone.utc)
    if delete:
        _delete(_chosen(number, since, before, everything=everything, now=now), yes=yes)
        return
    if before or everything:
        raise ControlError("--before and --all choose what is deleted.", "To see all: proactive ledger --since 365d")
    found = _found(_open(), number, last=last, since=moment(since or DAY, now))
    if as_json:
        show_json([f.model_dump(mode="json") for f in found])
    elif not found:
        say(f"No LLM call since {clock(moment(since or DAY, now))}.")
    elif last or number:
        _whole(found[0])
    else:
        _table(found)


def moment(text: str, now: datetime) -> datetime:
    """The moment that a span (2h ago), a date or a local time names, in UTC. Raises ControlError."""
    try:
        return datetime.fromisoformat(text).astimezone(timezone.utc)
    except ValueError:
        pass
    try:
        return now - timedelta(seconds=span(text).seconds)
    except ControlError:
        raise ControlError(f"'{text[:40]}' is neither a span nor a date.", f"Write {WHEN}.") from None


def _open() -> SqliteStore:
    from agent.store.sqlite import SqliteStore

    opened = store()
    if not isinstance(opened, SqliteStore):
        raise StoreError("This store keeps no ledger.")
    return opened


def _found(opened: SqliteStore, number: int, *, last: bool, since: datetime) -> list[Line]:
    from agent.ledger import line, lines

    if number:
        return [line(opened, number)]
    return lines(opened, limit=1) if last else lines(opened, since, limit=MOST)


def _whole(found: Line) -> None:
    """All of one call; the text sent stands between two rules, nothing added or left out."""
    say(f"Call {found.number}, {clock(found.at)}, {found.purpose}")
    say(f"To: {found.host}, model {found.model}")
    say(f"Cost: {found.prompt_tokens} + {found.completion_tokens} tokens, {found.cost:.4f}, {found.seconds:.1f} s")
    say(f"What came of it: {found.came}")
    say("--- sent, word for word ---")
    say(found.text)
    say("--- answered ---")
    say(found.answer or f"nothing: {found.error or 'empty'}")


def _table(found: list[Line]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for head in ("no", "when", "host", "model", "for", "tokens", "cost", "what came of it"):
        table.add_column(head, overflow="fold")
    for f in found:
        tokens = f"{f.prompt_tokens + f.completion_tokens:,}"
        cells = (str(f.number), clock(f.at), f.host, f.model, f.purpose, tokens, f"{f.cost:.4f}", f.came)
        table.add_row(*(escape(c) for c in cells))
    console().print(table)
    total = sum(f.prompt_tokens + f.completion_tokens for f in found)
    say(f"{len(found)} calls, {total:,} tokens, cost {sum(f.cost for f in found):.4f}. One in full: proactive ledger --id NO")


def _chosen(number: int, since: str, before: str, *, everything: bool, now: datetime) -> Chosen:
    from agent.store._erase import Chosen

    if [bool(number), bool(since or before), everything].count(True) != 1:
        raise ControlError("What is to be deleted?", "Name it with --id NO, --since WHEN, --before WHEN (or both), or --all.")
    if number:
        return Chosen(number=number)
    return Chosen(
        since=moment(since, now) if since else None, until=moment(before, now) if before else None, everything=everything
    )


def _delete(chosen: Chosen, *, yes: bool) -> None:
    from agent.ledger import erase, line, lines

    opened = _open()
    if chosen.number is not None:
        line(opened, chosen.number)
        calls = 1
    else:
        calls = len(lines(opened, chosen.since, chosen.until, MOST))
    opened.close()
    say(f"This deletes {calls} LLM calls, what was seen and offered then, the documents of that time, and all backups.")
    if not yes and not typer.confirm("Delete it for good?"):
        say("Nothing was deleted.")
        return
    done = asyncio.run(erase(folder(), chosen))
    say(
        f"Deleted: {done['calls']} calls, {done['looks']} looks, the text of {done['offers']} offers, "
        f"{done['documents']} documents, {done['files']} copies. A new backup was made."
    )
    say("ActivityWatch keeps its own record; what it still holds of the last hours is read again at the next look.")
