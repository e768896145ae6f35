"""Whom the policies meet: what each kind of user wants at a time, and how an offer is answered.

What is wanted is the person's own vote. An offer in the first minutes of a moment, at a boundary, is answered as voted; in
mid-task a wanted one is waved away in 27 % of cases: 1 - 38 / 52, after arXiv 2601.10253 (52 % engaged at boundaries, 62 %
dismissed in mid-task). One toast in twenty is not noticed. The other shares are chosen, not measured, and the same for all
policies. Nobody gets tired of being interrupted, which favours policies that interrupt often.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from agent.bench.pace.votes import Option, Person
from agent.core.records import ResponseKind

UNWANTED = 0.45
"""What an interruption for nothing costs, an accepted offer being worth 1; set before the policy was tuned."""
BOUNDARY = 240.0
"""Seconds from the beginning of a moment that count as its boundary."""
MIDTASK = 0.27
UNSEEN = 0.05
LATE = 45.0
"""Minutes after which a late user answers in the inbox."""
DRIFT = (10, 20)
"""Days between which a drifting user wants nothing."""
NOON = 240
"""Minutes from the beginning of the day after which a user of the mornings looks at nothing."""
QUIET = 120
"""Minutes: do-not-disturb goes on and off in turn, beginning with off."""
MATTER: tuple[tuple[float, ResponseKind], ...] = ((0.6, "rejected"), (0.8, "dismissed"), (1.0, "ignored"))
"""Cumulated shares of answers to a task that is not wanted where help is."""
MOMENT: tuple[tuple[float, ResponseKind], ...] = ((0.1, "rejected"), (0.6, "dismissed"), (1.0, "ignored"))
"""The same where none is, or no longer."""


class Profile(NamedTuple):
    """How a user differs from the votes."""

    name: str
    unseen: float = UNSEEN
    midtask: float = MIDTASK
    mornings: bool = False
    hates: bool = False
    drifts: bool = False
    late: bool = False
    quiet: bool = False


PROFILES = (
    Profile("receptive", midtask=0.0),
    Profile("busy", unseen=0.4, midtask=0.6),
    Profile("mornings only", mornings=True),
    Profile("hates one kind", hates=True),
    Profile("ignores everything", unseen=1.0),
    Profile("drifts after 10 days", drifts=True),
    Profile("answers late", late=True),
    Profile("do-not-disturb half of the day", quiet=True),
)


class User(NamedTuple):
    """A person with a profile, and the seed of all chances in this user's month."""

    person: Person
    profile: Profile
    seed: str

    def wants(self, option: Option, day: int, minute: float) -> bool:
        """Whether the user would take this task at that time, were it seen (minutes from the beginning of the day)."""
        p = self.profile
        if (p.drifts and DRIFT[0] <= day < DRIFT[1]) or (p.mornings and minute >= NOON):
            return False
        return option.want and not (p.hates and bool(option.kind) and option.kind == self.person.main)

    def undisturbed(self, minute: float) -> bool:
        """Whether the desktop is set not to disturb."""
        return self.profile.quiet and int(minute // QUIET) % 2 == 1

    def blind(self, minute: float) -> bool:
        """Whether the user looks at no toast at that time."""
        return self.profile.unseen >= 1 or (self.profile.mornings and minute >= NOON)

    def pays(self, minute: float, into: float) -> bool:
        """Whether an offer of what is wanted is worth its interruption so far into a moment (seconds), as an oracle knows."""
        chance = (1 - self.profile.unseen) * (1 - (self.profile.midtask if into > BOUNDARY else 0.0))
        return not self.blind(minute) and chance > UNWANTED * (1 - chance)

    def answer(self, key: str, *, wanted: bool, needed: bool, into: float, minute: float) -> ResponseKind:
        """The answer to an offer `into` seconds after the beginning of its moment; `key` names the offer among chances."""
        chance = random.Random(f"{self.seed} {key}")  # noqa: S311 - a draw that must repeat
        notice, wave, how = chance.random(), chance.random(), chance.random()
        if self.blind(minute) or notice < self.profile.unseen:
            return "ignored"
        if wanted:
            return "dismissed" if into > BOUNDARY and wave < self.profile.midtask else "accepted"
        return next(kind for share, kind in (MATTER if needed else MOMENT) if how <= share)
