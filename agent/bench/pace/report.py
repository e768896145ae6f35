"""`bench pace` from votes to figures, as JSON, table and picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.bench import plots
from agent.bench.inputs import Kept, held_out, load
from agent.bench.pace.figures import NAMES, by_day, equal_help, figures, intervals, point, sums
from agent.bench.pace.policies import OURS, Choice
from agent.bench.pace.profiles import PROFILES, UNWANTED
from agent.bench.pace.run import IDLE, POINTS, RIVALS, Played, code, cores, jobs, run
from agent.bench.pace.votes import people
from agent.paths import resource

if TYPE_CHECKING:
    from rich.console import Console

DEFAULT = 3
"""The level of ours and of levels in the headline."""
SCORED = 0.1
"""The share of the time that goes into fitting scorers."""
STYLES = {
    "every_10min": {"marker": "s", "linestyle": "--", "color": "tab:blue"},
    "levels": {"marker": "^", "linestyle": ":", "color": "tab:orange"},
    OURS: {"marker": "o", "linestyle": "-", "color": "black"},
    "oracle": {"marker": "D", "linestyle": "-.", "color": "tab:green"},
}
HEADS = {
    "offers_per_day": "offers/day",
    "acceptance": "accepted",
    "accepted_per_day": "help/day",
    "missed_per_day": "missed/day",
    "regret": "regret/day",
    "llm_calls_per_day": "LLM calls/day",
}


class Wish(NamedTuple):
    """What to run: votes (None = ours), days, seeds, a file to go on from, processes (0 = one a core)."""

    votes: Path | None = None
    days: int = 30
    seeds: int = 20
    resume: Path | None = None
    cores: int = 0


class Found(NamedTuple):
    """The report by its JSON keys, and the months it was made of."""

    report: dict[str, Any]
    played: list[Played]


def pace(wish: Wish, progress: Callable[[float], None] = lambda _: None) -> Found:
    """Play everything. Raises ProactiveError."""
    began = time.monotonic()
    data = load(wish.votes or resource("scenarios", "votes.jsonl"))
    scored = held_out(data, 0, wish.resume, lambda share: progress(share * SCORED))
    everybody = people(scored, lambda trace: data.group[trace])
    kept = Kept(wish.resume, "pace", data.sha256, code())
    wanted = jobs(wish.days, wish.seeds)
    played = run(everybody, wanted, kept, wish.cores or cores(), lambda share: progress(SCORED + share * (1 - SCORED)))
    about = {
        "file": data.name,
        "sha256": data.sha256,
        "people": len(everybody),
        "traces": len({p.trace for p in everybody}),
        "days": wish.days,
        "seeds": wish.seeds,
        "months": len(played),
        "seconds": round(time.monotonic() - began, 1),
    }
    return Found(summary(played) | {"run": about}, played)


def summary(played: list[Played]) -> dict[str, Any]:
    """The figures by their JSON keys; intervals, other shares of idle moments, profiles and the frontier beside them."""
    found = sums(played)
    head = {name: found[Choice(name), IDLE[0]] for name in NAMES}
    few = {c: users for (c, idle), users in found.items() if idle == IDLE[0] and c.name in (OURS, "every_10min")}
    ratio, span = equal_help(few)
    met = {u.who for u in found[POINTS[0], IDLE[0]]}
    settings = [Choice("every_10min"), Choice("levels"), *RIVALS, Choice(OURS), *POINTS, Choice("oracle")]
    return {
        "policies": {name: figures(users) for name, users in head.items()},
        "offers_ratio_at_equal_help": ratio,
        "intervals": {name: intervals(users) for name, users in head.items()} | {"offers_ratio_at_equal_help": span},
        "offers_ratio_per_help": _per_help(head),
        "idle": {f"{idle:.0%}": {name: figures(found[Choice(name), idle]) for name in NAMES} for idle in IDLE},
        "profiles": {
            profile.name: {name: figures([u for u in users if u.who[0] == n]) for name, users in head.items()}
            for n, profile in enumerate(PROFILES)
        },
        "frontier_users": len(met),
        "frontier": [point(c, [u for u in found[c, IDLE[0]] if u.who in met]) for c in settings],
        "cost_of_an_unwanted_offer": UNWANTED,
    }


def _per_help(head: Mapping[str, Any]) -> float | None:
    """Offers for one accepted: ours against every_10min, whatever help each gives."""
    ours, other = figures(head[OURS])["acceptance"], figures(head["every_10min"])["acceptance"]
    return other / ours if ours and other is not None else None


def render_table(report: Mapping[str, Any], console: Console) -> None:
    """Print the figures with their intervals, and what they say."""
    from rich.table import Table

    about = report["run"]
    title = f"{about['file']}: {about['people']} people of {about['traces']} traces, {len(PROFILES)} profiles"
    table = Table(title=f"{title} x {about['seeds']} seeds x {about['days']} days, half of the moments idle")
    table.add_column("policy")
    for head in HEADS.values():
        table.add_column(head, justify="right")
    for name, row in report["policies"].items():
        table.add_row(name, *(_cell(row[k], report["intervals"][name].get(k)) for k in HEADS))
    console.print(table)
    for idle, rows in report["idle"].items():
        said = "; ".join(f"{n} {_cell(r['accepted_per_day'])} of {_cell(r['offers_per_day'])}" for n, r in rows.items())
        console.print(f"Idle {idle}, accepted of offered a day: {said}.", markup=False)
    console.print(_equal(report), markup=False)
    console.print(_guarded(report), markup=False)
    said = f"Regret: worth lost a day against the oracle; an unwanted offer costs {report['cost_of_an_unwanted_offer']}."
    console.print(f"{said} {about['months']} months, {about['seconds']:.0f} s, sha256 {about['sha256']}", markup=False)


def _equal(report: Mapping[str, Any]) -> str:
    ratio, span = report["offers_ratio_at_equal_help"], report["intervals"]["offers_ratio_at_equal_help"]
    if ratio is None:
        most = max(p["accepted_per_day"] for p in report["frontier"] if p["policy"] == OURS)
        return f"The help of every_10min is not reached by ours at any price: {most:.2f} accepted a day at most."
    return f"At the accepted help of every_10min, ours offers {_cell(ratio, span)} times as often."


def _guarded(report: Mapping[str, Any]) -> str:
    row = {(p["policy"], p["guarded"]): p["regret"] for p in report["frontier"] if p["level"] == DEFAULT and not p["free"]}
    ours, bare, guarded = row[OURS, False], row["levels", False], row["levels", True]
    said = (
        f"Frontier and equal help: {report['frontier_users']} of these users. Their regret: ours {ours:.2f}, levels {bare:.2f}"
    )
    return f"{said}, levels with a presence guard {guarded:.2f}."


def _cell(value: float | None, span: tuple[float, float] | None = None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" + (f" [{span[0]:.2f}, {span[1]:.2f}]" if span else "")


def picture(found: Found, path: Path) -> None:
    """Offers and acceptance day by day, and help against interruptions. Raises ProactiveError."""
    about = found.report["run"]
    users = f"Users made of {about['people']} people's votes, {len(PROFILES)} profiles x {about['seeds']} seeds"
    title = f"{users}, half of the moments idle"
    figure, (offers, accepted, frontier) = plots.panels(3, title)
    for name, style in STYLES.items():
        rows = by_day(found.played, name, IDLE[0])
        offers.plot([r[0] for r in rows], [r[1] for r in rows], label=name, markersize=3, linewidth=1.2, **style)
        accepted.plot([r[0] for r in rows], [r[2] for r in rows], label=name, markersize=3, linewidth=1.2, **style)
        dots = sorted(
            (p["offers_per_day"], p["accepted_per_day"])
            for p in found.report["frontier"]
            if p["policy"] == name and not p["guarded"]
        )
        frontier.plot([x for x, _ in dots], [y for _, y in dots], label=name, markersize=5, linewidth=1.2, **style)
    offers.set(xlabel="day", ylabel="offers a day", title="Interruptions", ylim=(0, None))
    accepted.set(xlabel="day", ylabel="share accepted", title="Acceptance", ylim=(0, 1))
    frontier.set(
        xlabel="offers a day",
        ylabel="accepted a day",
        title=f"Help against interruptions ({found.report['frontier_users']} users)",
        xlim=(0, None),
        ylim=(0, None),
    )
    frontier.legend(fontsize=8, frameon=False)
    plots.save(figure, path)
