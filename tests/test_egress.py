"""Nothing of the suite, and nothing of a daemon at work, connects to anyone but those it was told of."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from agent.trust import files
from tests import egress


@pytest.mark.parametrize(("event", "args", "out"), [
    ("socket.connect", (None, ("93.184.216.34", 443)), True),
    ("socket.connect", (None, ("::ffff:8.8.8.8", 443, 0, 0)), True),
    ("socket.connect", (None, ("10.0.0.1", 80)), True),
    ("socket.connect", (None, ("127.0.0.1", 80)), False),
    ("socket.connect", (None, ("::1", 80, 0, 0)), False),
    ("socket.connect", (None, "/run/user/1/bus"), False),
    ("socket.sendto", (None, ("8.8.8.8", 53)), True),
    ("socket.getaddrinfo", ("api.openai.com", 443, 0, 0, 0), True),
    ("socket.getaddrinfo", (b"publicsuffix.org", 443, 0, 0, 0), True),
    ("socket.getaddrinfo", ("8.8.8.8", 443, 0, 0, 0), False),
    ("socket.getaddrinfo", ("localhost", 80, 0, 0, 0), False),
    ("socket.getaddrinfo", ("nowhere.invalid", 80, 0, 0, 0), False),
])  # fmt: skip
def test_what_leaves_this_machine_is_told_from_what_does_not(event: str, args: tuple[Any, ...], out: bool) -> None:  # noqa: FBT001
    assert egress.leaves(event, args) is out


def test_a_connection_elsewhere_is_refused_before_it_is_made() -> None:
    before = len(egress._left)
    with socket.socket() as out, pytest.raises(ConnectionRefusedError, match="no test may leave"):
        out.connect(("192.0.2.1", 9))
    assert egress._left[before:] == ["socket.connect ('192.0.2.1', 9)"]
    del egress._left[before:]


@pytest.mark.e2e
def test_a_daemon_at_work_connects_to_activitywatch_and_the_model_alone() -> None:
    row = asyncio.run(files._connections(2.0))
    assert row.ok, row
