"""proactive inbox"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated, Any

import typer

from agent.cli._ui import MOST, ago, console, say, show_json, store
from agent.core.ports import Store
from agent.core.records import Offer


def command(
    everything: Annotated[bool, typer.Option("--all", help="Answered and expired offers as well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="At most this many, newest first.")] = 20,
) -> None:
    """Offers that can still be answered, newest first."""
    opened = store()
    rows = [r for r in (_row(opened, o) for o in opened.offers(limit=limit * 5)) if everything or r["open"]][:limit]
    rows = [r | _judged(opened, r["id"]) for r in rows]
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
        "p_accept": offer.p_accept,
        "response": response,
        "result": "" if run is None else f"{run.state}: {run.text}",
        "open": unanswered and offer.expires > datetime.now(timezone.utc),
    }


def _judged(opened: Store, number: int) -> dict[str, Any]:
    """The judge's reason, the best candidate that was not offered, and the verdict on saying nothing."""
    from agent.core.reasons import runner_up

    offer = opened.offer(number)
    tick = opened.tick(offer.tick) if offer else None
    second = runner_up(tick) if tick else None
    return {
        "reason": tick.reason if tick else "",
        "runner_up": {"task": second[0].task, **second[1].model_dump()} if second else None,
        "silence": tick.silence.model_dump() if tick and tick.silence else None,
    }


def _verdict(row: dict[str, Any]) -> str:
    """The same in lines for the table."""
    second, silence = row["runner_up"], row["silence"]
    lines = [f"{row['p_accept']:.2f}  {row['reason']}"]
    if second:
        lines.append(f"next best {second['p_accept']:.2f}: {second['task']}")
    return "\n".join([*lines, *([f"silence {silence['p_accept']:.2f}"] if silence else [])])


def _table(rows: list[dict[str, Any]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_lines=True)
    for head in ("no", "when", "offer", "what would run", "verdict", "answer"):
        table.add_column(head, overflow="fold")
    for r in rows:
        task = f"[bold]{escape(r['task'])}[/bold]\n{escape(r['because'])}"
        result = escape(r["result"][:200])
        answer = f"{r['response']}\n{result}".strip()
        table.add_row(str(r["id"]), ago(r["at"]), task, escape(r["runs"]), escape(_verdict(r)), answer)
    console().print(table)
    if any(r["open"] for r in rows):
        say("Answer with: proactive accept NO, or proactive reject NO. Never this kind again: proactive never NO")
