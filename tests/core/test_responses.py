"""The legal order of responses, as one table written out by hand."""

from __future__ import annotations

from typing import get_args

import pytest

from agent.core.records import Response, ResponseKind
from agent.core.responses import COMES_FROM, FOLLOWS, NO_ANSWER, legal, settled, undoable
from tests.conftest import NOW

KINDS: tuple[ResponseKind, ...] = get_args(ResponseKind)
TABLE = {
    None: "accepted rejected dismissed ignored opened withdrawn lost undelivered",
    "opened": "accepted rejected dismissed ignored withdrawn lost",
    "dismissed": "accepted rejected",
    "ignored": "accepted rejected",
    "withdrawn": "accepted rejected",
    "lost": "accepted rejected",
    "undelivered": "accepted rejected",
    "rejected": "accepted",
    "accepted": "undone",
    "undone": "",
}


@pytest.mark.parametrize("last", TABLE)
def test_only_the_listed_responses_may_follow(last: ResponseKind | None) -> None:
    assert {new for new in KINDS if legal(last, new, expired=False)} == set(TABLE[last].split())


@pytest.mark.parametrize("last", TABLE)
def test_after_expiry_nothing_can_be_chosen_but_the_end_of_a_toast_is_still_told(last: ResponseKind | None) -> None:
    still = set(TABLE[last].split()) - {"accepted", "rejected", "opened"}
    assert {new for new in KINDS if legal(last, new, expired=True)} == still


def test_every_kind_of_response_and_state_has_its_row() -> None:
    assert set(FOLLOWS) == {None, *KINDS}
    assert set(COMES_FROM) == {"executing", "done", "failed", "unknown", "undone"}


def test_no_chain_of_responses_accepts_an_offer_twice() -> None:
    chains: list[tuple[ResponseKind, ...]] = [()]
    ended = []
    while chains:
        chain = chains.pop()
        longer = [(*chain, new) for new in KINDS if legal(chain[-1] if chain else None, new, expired=False)]
        chains.extend(longer)
        ended.append(chain)
    assert max(chain.count("accepted") for chain in ended) == 1
    assert max(len(chain) for chain in ended) == 5  # opened, ignored, rejected, accepted, undone


def test_only_what_was_done_can_be_undone() -> None:
    assert [s for s in (None, *COMES_FROM) if undoable(s)] == ["done", "undone"]


def test_the_inbox_shows_the_last_response() -> None:
    kinds: tuple[ResponseKind, ...] = ("opened", "ignored", "accepted")
    responses = [Response(offer=1, seq=n, kind=kind, at=NOW, source="t") for n, kind in enumerate(kinds, 1)]
    assert settled(responses) == "accepted"
    assert settled(responses[:2]) == "ignored"
    assert settled([]) == NO_ANSWER
