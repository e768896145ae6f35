"""Searches and pages: only where they are shown to go, never to this computer, never without end."""

from __future__ import annotations

import sys

import pytest

from agent.trust import _floods, _pages
from agent.trust._payloads import OWN_REDIRECTS, SCHEMES, SPELLINGS

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs all of 127/8, and xdg-open")


async def test_no_redirect_or_scheme_leads_a_search_elsewhere() -> None:
    found = await _pages.searches(OWN_REDIRECTS)
    assert found.wrong == []
    assert found.tries > 2 * len(SCHEMES)


async def test_no_redirect_or_scheme_makes_a_page_other_than_it_is_shown() -> None:
    assert (await _pages.pages(OWN_REDIRECTS)).wrong == []


@linux
async def test_a_search_starts_one_program_with_one_argument_and_no_shell() -> None:
    assert (await _pages.programs(OWN_REDIRECTS[:6])).wrong == []


@linux
@pytest.mark.e2e
async def test_no_spelling_of_a_private_address_is_connected_to_in_any_way() -> None:
    found = await _pages.private(SPELLINGS[::12])
    assert found.wrong == []
    assert found.tries > 20


@linux
@pytest.mark.slow
@pytest.mark.e2e
async def test_none_of_sixty_spellings_is_connected_to_in_any_way() -> None:
    found = await _pages.private(SPELLINGS)
    assert (len(SPELLINGS), found.wrong) == (60, [])


@pytest.mark.e2e
async def test_a_page_without_end_costs_two_mebibytes_and_the_deadline_at_most() -> None:
    quick = ("bomb", "tail", "hollow", "body", "heads", "round")
    floods = [*await _floods.floods(15, quick, gib=0.02), *await _floods.floods(0.3, ("drip",))]
    assert all(f.seconds < 5 for f in floods)
    kept = {f.name: f.kept for f in floods}
    none = dict.fromkeys(("hollow", "drip", "heads", "round"), 0)
    assert kept == {"bomb": 2 * 2**20, "body": 2 * 2**20, "tail": 1200, **none}
