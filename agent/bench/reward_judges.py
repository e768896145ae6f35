"""The judges that `bench reward` compares: each turns rows into judged rows, one a row, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from reward_model.case import Case, Proposed
from reward_model.dataset import Row, category, events_of
from reward_model.metrics import best_threshold
from reward_model.rules import RulesJudge, silence

if TYPE_CHECKING:
    from reward_model.train import Scored

AIMS = ("accuracy", "balanced", "f1")
"""What thresholds are chosen for: most right decisions, the same with the four categories weighted equally, or F1."""


class Judged(NamedTuple):
    """A row and what a judge says: the chance that the row is right, that help is needed, the decision; its trace group."""

    row: Row
    p: float
    p_help: float
    accepted: bool
    group: str = ""


class Cuts(NamedTuple):
    """From which chance on a task, and silence, is accepted."""

    task: float
    silence: float


def decided(
    scored: Sequence[Scored], group: Sequence[str], aim: str, tested: Sequence[int] | None = None
) -> tuple[Judged, ...]:
    """The scored rows (or the `tested` of them), each decided by thresholds chosen on the rows of other groups."""
    wanted = range(len(scored)) if tested is None else tested
    known: dict[str, Cuts] = {}
    held = set(tested or ())
    found = []
    for i in wanted:
        own = group[i]
        if own not in known:
            known[own] = cuts([s for n, s in enumerate(scored) if group[n] != own and n not in held], aim)
        found.append(judged(scored[i], known[own], own))
    return tuple(found)


def judged(scored: Scored, at: Cuts, group: str) -> Judged:
    """One row decided by these thresholds."""
    accepted = scored.p_accept >= (at.silence if scored.row.task is None else at.task)
    return Judged(scored.row, scored.p_accept, scored.p_help, accepted, group)


def cuts(scored: Sequence[Scored], aim: str) -> Cuts:
    """The best thresholds for these rows; see AIMS."""
    if aim == "f1":
        both = best_f1_threshold([s.p_accept for s in scored], [s.row.valid for s in scored])
        return Cuts(both, both)
    found = []
    for silent, cells in ((False, ("fa", "cd")), (True, ("mn", "nr"))):
        some = [s for s in scored if (s.row.task is None) == silent]
        counts = [sum(1 for s in some if category(s.row) == cell) for cell in cells]
        weights = (1 / max(1, counts[0]), 1 / max(1, counts[1])) if aim == "balanced" else (1.0, 1.0)
        found.append(best_threshold([s.p_accept for s in some], [s.row.valid for s in some], weights))
    return Cuts(*found)


def best_f1_threshold(chances: Sequence[float], labels: Sequence[bool]) -> float:
    """The threshold (accepted from it on) of the greatest F1 over these rows, the highest of equals; 0 without rows."""
    order = sorted(zip(chances, labels, strict=True), reverse=True)
    best, cut, hits, true = -1.0, 0.0, 0, sum(labels)
    for n, (chance, label) in enumerate(order, 1):
        hits += label
        following = order[n][0] if n < len(order) else chance
        score = 2 * hits / (n + true)
        if (n == len(order) or following < chance) and score > best:
            best, cut = score, (chance + following) / 2
    return cut


def constant(rows: Sequence[Row], group: Sequence[str], *, accepted: bool) -> tuple[Judged, ...]:
    """Every row accepted, or every row rejected, whatever it says. (Accepting all also accepts silence, as published.)"""
    return tuple(Judged(r, float(accepted), float(accepted), accepted, g) for r, g in zip(rows, group, strict=True))


def looked_up(rows: Sequence[Row], group: Sequence[str], known: Mapping[str, bool], prior: float) -> tuple[Judged, ...]:
    """Decided by help_needed of the same situation in a table; it reads no word of the task.

    An unknown situation has even odds, decided as most of the table: its prior as a chance would tell the folds apart.
    """
    found = []
    for row, own in zip(rows, group, strict=True):
        need = float(known.get(row.situation, 0.5))
        needed = known.get(row.situation, prior > 0.5)
        silent = row.task is None
        found.append(Judged(row, 1 - need if silent else need, need, needed != silent, own))
    return tuple(found)


def table(rows: Sequence[Row]) -> dict[str, bool]:
    """help_needed by situation."""
    return {r.situation: r.help_needed for r in rows if r.help_needed is not None}


def prior(known: Mapping[str, bool]) -> float:
    """The share of situations in which help is needed; 0.5 without any."""
    return sum(known.values()) / len(known) if known else 0.5


def looked_up_held_out(rows: Sequence[Row], group: Sequence[str]) -> tuple[Judged, ...]:
    """The look-up with traces held out: the table of each group holds the rows of the others."""
    found: dict[int, Judged] = {}
    for own in dict.fromkeys(group):
        others = table([r for r, g in zip(rows, group, strict=True) if g != own])
        mine = [i for i, g in enumerate(group) if g == own]
        found |= dict(zip(mine, looked_up([rows[i] for i in mine], [own] * len(mine), others, prior(others)), strict=True))
    return tuple(found[i] for i in range(len(rows)))


def looked_up_by_siblings(rows: Sequence[Row], group: Sequence[str]) -> tuple[Judged, ...]:
    """The look-up as it leaks in a row split: the other rows of the same situation are in the table."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.situation] = counts.get(row.situation, 0) + 1
    whole = table(rows)
    known = {s: need for s, need in whole.items() if counts[s] > 1}
    return looked_up(rows, group, known, prior(whole))


def ruled(rows: Sequence[Row], group: Sequence[str]) -> tuple[Judged, ...]:
    """The rules judge, once a turn with all its tasks; it accepts silence where it accepts no task."""
    said: dict[int, Judged] = {}
    for turn in turns_of(rows):
        verdicts = RulesJudge().judge(case_of([rows[i] for i in turn]))
        quiet, left = silence(verdicts), iter(verdicts)
        for i in turn:
            v = quiet if rows[i].task is None else next(left)
            said[i] = Judged(rows[i], v.p_accept, quiet.p_help, v.accepted, group[i])
    return tuple(said[i] for i in range(len(rows)))


def turns_of(rows: Sequence[Row]) -> list[list[int]]:
    """The indices of the rows of each turn, turns and rows in their order."""
    found: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        found.setdefault(row.turn, []).append(i)
    return list(found.values())


def case_of(turn: Sequence[Row]) -> Case:
    """One turn as a judge in the loop would see it. Rows tell no reason and no operation, so both say the least there is."""
    last = (events_of(turn[0].situation) or ("what I did",))[-1]
    offers = tuple(
        Proposed(task=r.task, because=f"The newest event: {last}"[:200], line=r.task[:80] or "-")
        for r in turn
        if r.task is not None
    )
    return Case(situation=turn[0].situation, candidates=offers)
