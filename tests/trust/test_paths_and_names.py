"""Paths and names: nothing outside, nothing overwritten, no link followed, every rename undone."""

from __future__ import annotations

import os
import sys

import pytest

from agent.trust import _files
from agent.trust._payloads import OWN_TRAVERSALS

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX file kinds")


async def test_no_traversal_leads_out_of_the_folder() -> None:
    tried, wrong = await _files.traversals(OWN_TRAVERSALS)
    assert wrong == []
    assert tried == 24 * len(OWN_TRAVERSALS)


async def test_no_link_pipe_socket_device_or_second_name_is_used() -> None:
    tried, wrong = await _files.entries()
    assert wrong == []
    assert tried >= 45, "with two devices more where the system lets us make some"


async def test_no_name_that_is_taken_or_reserved_is_given() -> None:
    assert await _files.targets() == (45, [])


async def test_another_device_is_reached_only_as_a_root_of_its_own() -> None:
    tried, wrong = await _files.across()
    assert wrong == []
    if not tried:
        pytest.skip("there is no second device to write on")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the walk by open folders is tried on Linux")
async def test_a_folder_that_is_swapped_for_a_link_all_the_time_leads_nowhere() -> None:
    tried, wrong = await _files.races(0.3)
    assert wrong == []
    assert tried > 3


async def test_every_rename_is_undone_and_no_undo_overwrites() -> None:
    assert await _files.undone(24) == (24, [])
