"""Whether an answer carries the nonce of its offer: without it nothing that anybody sends is an answer."""

from __future__ import annotations

import hmac

from agent.core import defence


def same(expected: str, given: str) -> bool:
    """Compared in constant time; text of any signs."""
    right = hmac.compare_digest(expected.encode("utf-8", "surrogatepass"), given.encode("utf-8", "surrogatepass"))
    return right or not defence.on("nonce")
