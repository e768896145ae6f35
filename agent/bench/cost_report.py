"""The report of `bench cost`: its fields, the limits they are held to, the table beside the existing system, the JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from agent.core.records import Moment, Operation, Record

if TYPE_CHECKING:
    from rich.console import Console

# Limits of a working day, by the specification of the pace: calls and offers an hour in which the user is there, the share of
# offers that come at a breakpoint of a block that may be interrupted, the share of help moments seen early.
CALLS_AN_HOUR = 6.0
OFFERS_AN_HOUR = 2.0
WELL_TIMED = 0.8
REACHED = 0.9


class Proposed(Record):
    """One offered proposal; `breakpoint` as the gate saw it and `interrupt` of the day's block, each '' if there is none."""

    at: Moment
    task: str
    because: str
    operation: Operation
    p_accept: float
    reason: str
    others: tuple[float, ...]
    """Chances of the candidates that were not offered."""
    breakpoint: str = ""
    interrupt: str = ""


class CostReport(Record):
    """What one recorded day cost. Rates are per hour of the day played, or per hour in which the user was there."""

    file: str
    sha256: str
    seed: int | None
    host: str
    model: str
    judge: str
    events: int
    hours: float
    active_hours: float
    seconds: float
    buckets: int
    polls_per_hour: float
    aw_requests_per_hour: float
    predictor_calls_per_active_hour: float
    judge_calls_per_active_hour: float
    llm_calls_quiet: int
    llm_calls_unchanged: int
    prompt_tokens_max: int
    prompt_tokens_day: int
    window_time_seen: float
    secrets_leaked: int
    private_leaked: int
    offers: int
    offers_per_active_hour: float
    offers_quiet: int
    offers_ok_at_breakpoint: int | None
    """Offers at a breakpoint of a block that may be interrupted; None if the day's blocks are not known."""
    help_moments: int
    help_moments_reached: int
    secrets: int
    held: dict[str, int]
    failed: int
    proposals: tuple[Proposed, ...]


class Row(NamedTuple):
    """One line of the table: a figure, what it must be, and what the system before this one had."""

    name: str
    value: str
    limit: str
    ok: bool
    before: str


def rows(r: CostReport) -> list[Row]:
    """The lines of the table. `before` is what the system before this one cost on the reference day (2026-03-02, seed 1)."""
    requests = r.polls_per_hour * r.buckets + 12
    return [
        _most("looks at ActivityWatch an hour", r.polls_per_hour, 60, "240"),
        _most(f"requests an hour ({r.buckets} buckets)", r.aw_requests_per_hour, requests, "1,200"),
        _most("predictor calls an active hour", r.predictor_calls_per_active_hour, CALLS_AN_HOUR, "240 an hour"),
        _most("judge calls an active hour", r.judge_calls_per_active_hour, 12, "no judge"),
        _most("calls while away or not to be disturbed", r.llm_calls_quiet, 0, "240 while away"),
        _most("calls with nothing changed", r.llm_calls_unchanged, 0, "651"),
        _most("largest prompt, tokens", r.prompt_tokens_max, 3000, "580,000"),
        _most("prompt tokens in all", r.prompt_tokens_day, 50_000 * max(round(r.hours), 8), "559,000,000"),
        Row("window time seen", f"{r.window_time_seen:.2%}", ">= 99.90%", r.window_time_seen >= 0.999, "67.1%"),
        _most(f"planted secrets that got out (of {r.secrets})", r.secrets_leaked, 0, "6 of 6"),
        _most("private titles and addresses that got out", r.private_leaked, 0, "all"),
        Row("offers", str(r.offers), "", True, "1,920 at most"),  # noqa: FBT003 - a field of a row
        _most("offers an active hour", r.offers_per_active_hour, OFFERS_AN_HOUR, "240 an hour at most"),
        _most("offers while away or not to be disturbed", r.offers_quiet, 0, "-"),
        _share("offers at a breakpoint of an ok block", r.offers_ok_at_breakpoint, r.offers, WELL_TIMED),
        _share("help moments put to the predictor in 10 minutes", r.help_moments_reached, r.help_moments, REACHED),
    ]


def missed(report: CostReport) -> list[str]:
    """The figures that are not within their limits, by name."""
    return [row.name for row in rows(report) if not row.ok]


def render_table(report: CostReport, console: Console) -> None:
    """Print the table, and why it stayed quiet."""
    from rich.table import Table

    hours = f"{report.hours:.1f} hours, {report.active_hours:.1f} of them active"
    table = Table(title=f"{report.file} ({report.host}): {hours}; LLM: {report.model}, judge: {report.judge}")
    table.add_column("")
    for name in ("Proactive", "limit", "existing system"):
        table.add_column(name, justify="right")
    for row in rows(report):
        table.add_row(row.name, row.value if row.ok else f"[bold red]missed: {row.value}[/]", row.limit, row.before)
    console.print(table)
    if report.held:
        quiet = ", ".join(f"{reason} {count}" for reason, count in sorted(report.held.items(), key=lambda h: -h[1]))
        console.print(f"Looks without an ask, by reason: {quiet}.", markup=False)
    if report.failed:
        console.print(f"{report.failed} looks failed; `--json` and the log say more.", markup=False)
    names = "; ".join(missed(report))
    console.print(f"Limits missed: {names}." if names else "Every figure is within its limit.", markup=False)
    console.print("The existing system was measured on the reference day of 2026-03-02.", markup=False)


def to_json(report: CostReport) -> str:
    """The report as JSON, one object; `missed` names the figures that are not within their limits."""
    return json.dumps({**report.model_dump(mode="json"), "missed": missed(report)}, indent=1, ensure_ascii=False)


def _most(name: str, value: float, limit: float, before: str) -> Row:
    shown = f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
    return Row(name, shown, f"<= {limit:,.0f}", value <= limit + 1e-9, before)


def _share(name: str, count: int | None, of: int, least: float) -> Row:
    """A row on a share of something; met if there is none of it, or if the day's truth says nothing about it."""
    shown = "not known" if count is None else f"{count} of {of}" + (f" ({count / of:.0%})" if of else "")
    return Row(name, shown, f">= {least:.0%}", count is None or count >= least * of - 1e-9, "-")
