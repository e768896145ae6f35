"""proactive inbox"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated, Any

import typer

from agent.cli._ui import ago, console, say, show_json, store
from agent.core.ports import Store
from agent.core.records import Offer


def command(
    everything: Annotated[bool, typer.Option("--all", help="Answered and expired offers as well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most this many, newest first.")] = 20,
) -> None:
    """Offers that can still be answered, newest first."""
    opened = store()
    rows = [r for r in (_row(opened, o) for o in opened.offers(limit=limit * 5)) if everything or r["open"]][:limit]
    if as_json:
        show_json(rows)
    elif not rows:
        say("No offer waits for an answer." + ("" if everything else " Earlier ones: proactive inbox --all"))
    else:
        _table(rows)


def _row(opened: Store, offer: Offer) -> dict[str, Any]:
    from agent.core.offers import in_full
    from agent.core.responses import settled

    response = settled(opened.responses(offer.id))
    run = opened.execution(offer.id)
    unanswered = response not in ("accepted", "rejected", "undone")
    return {
        "id": offer.id,
        "at": offer.at,
        "task": offer.candidate.task,
        "because": offer.candidate.because,
        "runs": "\n".join(p for p in (offer.line, in_full(offer)) if p),
        "response": response,
        "result": "" if run is None else f"{run.state}: {run.text}",
        "open": unanswered and offer.expires > datetime.now(timezone.utc),
    }


def _table(rows: list[dict[str, Any]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_lines=True)
    for head in ("no", "when", "offer", "what would run", "answer"):
        table.add_column(head, overflow="fold")
    for r in rows:
        task = f"[bold]{escape(r['task'])}[/bold]\n{escape(r['because'])}"
        result = escape(r["result"][:200])
        table.add_row(str(r["id"]), ago(r["at"]), task, escape(r["runs"]), f"{r['response']}\n{result}".strip())
    console().print(table)
    if any(r["open"] for r in rows):
        say("Answer with: proactive accept NO, or proactive reject NO")
