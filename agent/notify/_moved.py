"""A key of [notify] that was moved elsewhere: it is refused with the place where it is now, instead of having no effect."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator


def _refuse(value: object) -> None:
    raise ValueError("it has no effect; set toast_seconds under [pace]")


ToastSeconds = Annotated[None, BeforeValidator(_refuse)]
