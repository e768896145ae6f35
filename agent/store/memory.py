"""The store in memory, with the same rules as the one on disk: for tests, the gym, the demo and a dry run."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from agent.core.records import Answer, Document, Execution, LLMCall, Offer, Response, ResponseKind, Tick
from agent.core.responses import COMES_FROM, legal, undoable
from agent.errors import StoreError
from agent.plug import Supplies
from agent.store.sqlite import IN_DOUBT


class Settings(BaseModel, extra="forbid"):
    """Nothing to set."""


def build(settings: Settings, supplies: Supplies) -> MemoryStore:
    """An empty store."""
    return MemoryStore()
