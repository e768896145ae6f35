"""Recalls the documents of the last day at the very first start, a few hours at a time, so that memory stays small."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from agent.core.documents import remember
from agent.core.fold import fold
from agent.core.ports import Sensor
from agent.core.records import Document
from agent.core.redact import Rules, redact
from agent.errors import SensorError

log = logging.getLogger(__name__)

PAST = timedelta(hours=24)
SLICE = timedelta(hours=4)


async def recall(sensor: Sensor, rules: Rules, until: datetime) -> Sequence[Document]:
    """Documents worked on in the day before `until`; `sensor` must look back one SLICE at its first read. Never raises.

    What one slice gave is forgotten before the next is read; a server that fails ends it with what was found so far.
    """
    documents: tuple[Document, ...] = ()
    at = until - PAST + SLICE
    while at <= until:
        try:
            reading = await sensor.read(at)
        except SensorError as e:
            log.info("earlier documents could not be recalled: %s", e.title)
            break
        windows = fold(redact(reading.events, rules).events, at)
        documents = remember(documents, windows, at - SLICE, at)
        at += SLICE
    await sensor.close()
    return documents
