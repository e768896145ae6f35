"""Recomputes past decisions from what was stored with them, and compares the live policy with its shadow.

Covered: the gate's reason; interval, rest, heard and price from the pace of that time; the choice among the verdicts.
Not covered, because it is not stored or would have to be asked again: what the predictor and the judge say (their stored words
are taken), what they would have said where they were not asked, and what would have followed: each decision is recomputed on
its own, on the past as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from pydantic import Field

from agent.core.basis import RULES, Basis, Recalls
from agent.core.decisions import ASK, asks, decide, faced, numbers, offers, stored
from agent.core.pace_settings import PaceSettings
from agent.core.ports import Store
from agent.core.records import GateInput, Moment, Pace, Record, Tick
from agent.core.responses import settled
from agent.errors import StoreError
from agent.shadow import blind

NUMBERS = ("interval", "rest", "heard", "price")
"""What is compared of the gate's inputs, beside the decision."""
NO_SENSOR = "no sensor answered, so nothing was decided"
PAUSED = "you paused while the model was thinking"
REFUSED = "what was chosen could not be run"
OLDER = "an older version, which did not keep what it decided on"
LOST = "what it was decided on is no longer kept"
UNEXPLAINED = "the same rules and settings decide otherwise today"
ROWS = 100_000


class Difference(Record):
    """Looks that were decided in one way and would be in another, for one cause; `explained` = rules or settings are others.

    Where both words are the same, interval, rest, heard or price differ.
    """

    stored: str
    recomputed: str
    cause: str
    explained: bool
    count: int = 0
    example: str = Field(description="id of the first look")
    at: Moment


class Replayed(Record):
    """What came of a replay; `without_basis` are looks with nothing but their gate's inputs, `unknown` would-be asks."""

    policy: str
    rules: int = RULES
    looks: int = 0
    recomputed: int = 0
    left_out: dict[str, int] = Field(default_factory=dict)
    without_basis: int = 0
    asks: int = 0
    asks_recomputed: int = 0
    offers: int = 0
    offers_recomputed: int = 0
    unknown: int = 0
    differences: tuple[Difference, ...] = ()
    first: Moment | None = None
    last: Moment | None = None

    @property
    def explained(self) -> bool:
        """Whether other rules or settings are the cause of every difference."""
        return all(d.explained for d in self.differences)


class Policy(Record):
    """Under which settings to recompute: `settings` for all looks, or with None those of their time.

    `today` stands in where those of the time are not known; `name` stands in the report.
    """

    name: str
    settings: PaceSettings | None = None
    today: PaceSettings = PaceSettings()


def replay(store: Store, policy: Policy, since: datetime | None = None) -> Replayed:
    """Recompute every decision from `since` on. Raises StoreError."""
    if not isinstance(store, Recalls):
        raise StoreError("This store does not keep what decisions were made on.")
    run = _Run(store, policy)
    for tick in store.decisions(since):
        run.take(tick)
    return run.report()


class _Run:
    """The counts of one replay while it goes on."""

    def __init__(self, store: Recalls, policy: Policy) -> None:
        self._policy = policy
        self._basis = lru_cache(maxsize=256)(store.basis)
        self._numbers = lru_cache(maxsize=256)(self._numbers_of)
        self._counts: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._times: list[datetime] = []
        self._found: dict[tuple[str, str, str], Difference] = {}

    def take(self, tick: Tick) -> None:
        """Recompute one look."""
        self._times = [*self._times[:1], tick.at]
        self._counts["looks"] += 1
        if why := left_out(tick):
            self._left[why] += 1
            return
        on = self._basis(tick.basis) if tick.basis else None
        settings = self._policy.settings or (on.settings if on else self._policy.today)
        seen = faced(tick.gate, on.pace, self._numbers(tick.basis), settings) if on else tick.gate
        was, would = stored(tick), decide(tick, seen, on.pace if on else Pace(), settings)
        self._count(was, would, known=on is not None)
        if was != would or _moved(tick.gate, seen):
            self._differs(tick, (was, would), *_cause(tick, on, settings))

    def _numbers_of(self, id_: str) -> dict[str, object]:
        on = self._basis(id_)
        return dict(numbers(on.pace, on.settings, self._policy.settings or on.settings)) if on else {}

    def _count(self, was: str, would: str, *, known: bool) -> None:
        self._counts.update(
            recomputed=1,
            without_basis=not known,
            asks=asks(was),
            asks_recomputed=asks(would),
            offers=offers(was),
            offers_recomputed=offers(would),
            unknown=would == ASK,
        )

    def _differs(self, tick: Tick, words: tuple[str, str], cause: str, explained: bool) -> None:  # noqa: FBT001 - of a pair
        new = Difference(stored=words[0], recomputed=words[1], cause=cause, explained=explained, example=tick.id, at=tick.at)
        known = self._found.get((*words, cause), new)
        self._found[(*words, cause)] = known.model_copy(update={"count": known.count + 1})

    def report(self) -> Replayed:
        """What came of it, the most frequent difference first."""
        return Replayed(
            policy=self._policy.name,
            left_out=dict(self._left),
            differences=tuple(sorted(self._found.values(), key=lambda d: (d.explained, -d.count, d.stored))),
            first=self._times[0] if self._times else None,
            last=self._times[-1] if self._times else None,
            **self._counts,
        )


def left_out(tick: Tick) -> str:
    """Why a look is not recomputed, '' if it is: something that no rule knows of came between."""
    if blind(tick):
        return NO_SENSOR
    if tick.ending == "held" and tick.prediction is not None:
        return PAUSED
    return REFUSED if tick.ending == "failed" and tick.verdicts else ""


def _moved(was: GateInput, now: GateInput) -> bool:
    return any(getattr(was, n) != getattr(now, n) for n in NUMBERS)


def _cause(tick: Tick, on: Basis | None, settings: PaceSettings) -> tuple[str, bool]:
    """The cause of a difference at this look, and whether it explains it."""
    if on is None:
        return (LOST if tick.basis else OLDER), True
    if on.rules != RULES:
        return f"older rules ({on.rules}, today {RULES})", True
    before = on.settings.model_dump(exclude={"shadow"})
    changed = [f"{k} {was} -> {now}" for k, was in before.items() if (now := getattr(settings, k)) != was]
    return (f"other settings: {', '.join(changed)}", True) if changed else (UNEXPLAINED, False)


class Cell(Record):
    """How often one decision of the live policy met one of the shadow's."""

    live: str
    shadow: str
    count: int


class Compared(Record):
    """The live policy and its shadow over the looks at which one ran. `unknown`: only the shadow would have asked.

    `answers` tells what the user said to live offers that the shadow would have made too ("both") and would not ("live only").
    """

    looks: int = 0
    days: int = 0
    same: int = 0
    asks: int = 0
    asks_shadow: int = 0
    offers: int = 0
    offers_shadow: int = 0
    unknown: int = 0
    answers: dict[str, dict[str, int]] = Field(default_factory=dict)
    cells: tuple[Cell, ...] = ()


def compare(store: Store, since: datetime | None = None) -> Compared:
    """What the live policy and its shadow decided from `since` on. Raises StoreError."""
    if not isinstance(store, Recalls):
        raise StoreError("This store does not keep what a shadow would have done.")
    said = {o.tick: settled(store.responses(o.id)) for o in store.offers(since=since, limit=ROWS)}
    counts: Counter[str] = Counter()
    cells: Counter[tuple[str, str]] = Counter()
    answers: dict[str, Counter[str]] = {"both": Counter(), "live only": Counter()}
    days = set()
    for tick in store.decisions(since):
        if not tick.shadow:
            continue
        live, shadow = stored(tick), tick.shadow
        counts.update(_met(live, shadow))
        cells[live, shadow] += 1
        days.add(tick.at.astimezone().date())
        if offers(live) and tick.id in said:
            answers["both" if offers(shadow) else "live only"][said[tick.id]] += 1
    return Compared(
        days=len(days),
        answers={k: dict(v) for k, v in answers.items()},
        cells=_differing(cells.most_common()),
        **counts,
    )


def _met(live: str, shadow: str) -> dict[str, int]:
    return {
        "looks": 1,
        "same": live == shadow,
        "asks": asks(live),
        "asks_shadow": asks(shadow),
        "offers": offers(live),
        "offers_shadow": offers(shadow),
        "unknown": shadow == ASK,
    }


def _differing(cells: Sequence[tuple[tuple[str, str], int]]) -> tuple[Cell, ...]:
    return tuple(Cell(live=live, shadow=shadow, count=n) for (live, shadow), n in cells if live != shadow)
