"""The report of `bench redact`: the figures beside their goals, the misses, and the picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.bench import plots

if TYPE_CHECKING:
    from rich.console import Console


class Goal(NamedTuple):
    """A figure, in words, what it should reach (at least, or at most), and the number it is a share of."""

    key: str
    words: str
    bound: float
    of: str
    most: bool = False


GOALS = (
    Goal("recall_in_context", "secrets in their context", 0.99, "n_in_context"),
    Goal("recall_title", "the same, bare in a title", 0.85, "n_title"),
    Goal("recall_url", "the same, in an address", 1.0, "n_url"),
    Goal("recall_strong_title", "strong kinds, bare in a title", 0.95, "n_strong_title"),
    Goal("recall_strong_terminal", "strong kinds, in a terminal line", 0.95, "n_strong_terminal"),
    Goal("recall_password", "password-like lines", 0.75, "n_password"),
    Goal("false_positive_rate_benign", "harmless texts in which something was hidden", 0.0025, "n_benign", most=True),
    Goal("false_positive_rate_hard", "look-alikes in which something was hidden", 0.01, "n_hard", most=True),
    Goal("recall_capability", "addresses that are keys themselves", 0.99, "n_capability"),
    Goal("p95_ms", "ms a title takes, 95 of 100", 2.0, "n_timed", most=True),
    Goal("mb_ms", "ms a title of a million signs takes", 50.0, "", most=True),
)
PII_GOALS = {"IBAN_CODE": 0.95, "PHONE_NUMBER": 0.9}
"""Any other kind of personal number: all."""
NOTE = (
    "A value counts as gone only if no six signs of it are left that its surroundings do not hold. Kept on purpose: bare "
    "UUIDs, git hashes (40 hex digits) and digests named as such. Never recognised: names, companies, streets, meaning."
)


def lines(found: Mapping[str, Any]) -> Iterator[tuple[str, float | None, Any, float, bool, int]]:
    """Words, figure, interval, goal, whether it is met, count; of each figure that was measured."""
    for goal in GOALS:
        value = found.get(goal.key)
        if value is not None:
            met = value <= goal.bound if goal.most else value >= goal.bound
            yield goal.words, value, found.get(f"{goal.key}_ci"), goal.bound, met, int(found.get(goal.of) or 1)
    for kind, value in found["pii_recall"].items():
        bound = PII_GOALS.get(kind, 1.0)
        name = kind.lower().replace("_", " ")
        yield name, value, found["pii_recall_ci"][kind], bound, value >= bound, found["n_pii"][kind]


def render_table(found: Mapping[str, Any], console: Console, *, misses: bool = False) -> None:
    """Print the figures beside their goals; all that was missed, if asked for."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="Redaction")
    for head in ("what", "n", "figure", "95 %", "goal", ""):
        table.add_column(head, justify="left" if head in ("what", "") else "right")
    for words, value, around, bound, met, n in lines(found):
        span = f"{around[0]:.3f} to {around[1]:.3f}" if around else ""
        table.add_row(words, str(n), f"{value:.4f}", span, f"{bound:g}", "met" if met else "[bold]NOT MET[/bold]")
    console.print(table)
    console.print(NOTE, markup=False)
    for name, digest in found["sha256"].items():
        console.print(f"{name}: sha256 {digest}", markup=False)
    if not misses:
        console.print(f"{len(found['misses'])} misses; list them with --misses.", markup=False)
        return
    table = Table(title="Misses")
    for head in ("figure", "kind", "value", "what was left"):
        table.add_column(head, overflow="fold")
    for miss in found["misses"]:
        table.add_row(*(escape(str(cell)[:200]) for cell in miss.values()))
    console.print(table)


def picture(found: Mapping[str, Any], path: Path) -> None:
    """Each kind of secret as a bar, the worst first, beside the shares by context. Raises ProactiveError."""
    figure, (left, right) = plots.panels(2, "Redaction: what is gone")
    shares = [line for line in lines(found) if line[1] is not None and line[3] <= 1 and line[3] > 0.01]
    left.barh([line[0] for line in shares][::-1], [line[1] for line in shares][::-1], color="0.6")
    left.plot([line[3] for line in shares][::-1], range(len(shares)), "k|", markersize=12, label="goal")
    left.set(xlim=(0, 1.02), xlabel="share that is gone")
    left.legend(fontsize=8, frameon=False)
    worst = sorted(found["recall_by_kind"].items(), key=lambda kind: (kind[1], kind[0]))[:20]
    right.barh([kind for kind, _ in worst][::-1], [value for _, value in worst][::-1], color="0.6")
    right.set(xlim=(0, 1.02), xlabel="share that is gone", title="The 20 worst kinds, in context")
    right.tick_params(labelsize=7)
    plots.save(figure, path)
