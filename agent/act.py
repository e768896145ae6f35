"""Carries an accepted offer out: exactly what was shown, once, and says what came of it.

Covered: an operation that is unknown, not allowed or invalid; a line that is no longer the one that was shown; a file
swapped since the offer; a second run after a crash (`executing` is committed before the effect, and nothing that was begun
is begun again). Not covered: whether an operation that was cut off by a crash had its effect; it is recorded as unknown.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from agent import clipboard, plug
from agent.core import defence
from agent.core.keep import OPERATION
from agent.core.lines import LINE, cut, one_line
from agent.core.ports import Parts, Tool
from agent.core.records import Execution, LLMCall, Offer, Operation, Result
from agent.core.responses import DELETED
from agent.errors import ProactiveError, StoreError, ToolError
from agent.tools._roots import REPLACING, alike

_log = logging.getLogger(__name__)
PREVIEW = 300  # signs of a result in a toast
Copy = Callable[[str], Awaitable[str]]


class ToolBelt:
    """The allowed tools together; fits the port Toolbox."""

    def __init__(self, tools: Sequence[Tool], deadline: float = 60.0) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._deadline = deadline

    def check(self, operation: Operation) -> str:
        """The line that says what would run, at most 80 signs; ToolError if it may not run."""
        tool, args = self._valid(operation)
        return cut(one_line(tool.describe(args)), LINE)

    def exact(self, operation: Operation) -> Operation:
        """The operation with its arguments as they will be used: cleaned, without secrets. ToolError if it may not run."""
        tool, args = self._valid(operation)
        return Operation(name=tool.name, arguments=args.model_dump(mode="json"))

    def seal(self, operation: Operation) -> str:
        """Which files the last `check` of the operation saw; '' if it touches none."""
        tool, args = self._valid(operation)
        seal = getattr(tool, "seal", None)
        return str(seal(args)) if seal else ""

    def catalogue(self) -> str:
        """One tool a paragraph: name, what it does, its arguments."""
        return "\n".join(_entry(tool) for tool in self._tools.values())

    async def run(self, operation: Operation) -> Result:
        """Run it, at most 60 seconds. Raises ToolError (or another ProactiveError of what the tool uses)."""
        tool, args = self._valid(operation)
        try:
            return await asyncio.wait_for(tool.run(args), self._deadline)
        except asyncio.TimeoutError as e:
            raise ToolError(
                f"It did not end within {self._deadline:.0f} seconds.", "Look whether it was done before you try again."
            ) from e

    async def undo(self, operation: Operation, record: Mapping[str, Any]) -> str:
        """Undo a run by what its result recorded. Raises ToolError."""
        return await self._tool(operation).undo(record)

    def _tool(self, operation: Operation) -> Tool:
        tool = self._tools.get(operation.name)
        if tool is None and not defence.on("closed_list"):
            tool = next(iter(self._tools.values()))
        if tool is None:
            allowed = ", ".join(self._tools) or "none"
            raise ToolError(f"'{cut(one_line(operation.name), 40)}' is not an allowed operation ({allowed}).")
        return tool

    def _valid(self, operation: Operation) -> tuple[Tool, BaseModel]:
        tool = self._tool(operation)
        if not defence.on("argument_check"):
            return tool, tool.args.model_construct(None, **operation.arguments)
        try:
            return tool, tool.args.model_validate(operation.arguments)
        except ValidationError as e:
            first = e.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "arguments"
            said = first["msg"].removeprefix("Value error, ")
            raise ToolError(f"{tool.name}: {cut(one_line(where), 40)}: {cut(said, 120)}.") from e


def _entry(tool: Tool) -> str:
    about = (type(tool).__doc__ or "").strip().splitlines()[0]
    fields = tool.args.model_fields.items()
    arguments = "; ".join(f"{name}: {field.description}" for name, field in fields)
    return f"{tool.name} - {about} Arguments: {arguments}"


def build_tools(allow: Sequence[str], settings: Mapping[str, dict[str, Any]], supplies: plug.Supplies) -> ToolBelt:
    """The tools named in `allow`, each with its own settings. Raises ConfigError."""
    return ToolBelt([plug.build("tools", name, settings.get(name, {}), supplies) for name in dict.fromkeys(allow)])


def seal(parts: Parts, offer: Offer) -> None:
    """Commit which files an offer speaks of, so that a file swapped before the accept is noticed, also after a restart."""
    if isinstance(parts.tools, ToolBelt) and (files := parts.tools.seal(offer.candidate.operation)):
        parts.store.put_state(_key(offer.id), files)


async def carry_out(parts: Parts, offer: Offer, now: datetime, copy: Copy = clipboard.copy) -> Execution:
    """Run an accepted offer's operation at most once, record what came of it, and tell the user.

    An offer that is not accepted, or was begun before, is not run; its earlier execution is returned if there is one.
    Raises StoreError only before the effect.
    """
    if not parts.store.begin(offer.id, now) and defence.on("begin_once"):
        refused = Execution(offer=offer.id, state="failed", at=now, text="Not run: it is not accepted, or was run before.")
        return parts.store.execution(offer.id) or refused
    try:
        _unchanged(parts, offer)
        result = await parts.tools.run(offer.candidate.operation)
    except ProactiveError as e:
        # A failed request was sent and may have cost something too.
        result, failed = Result(text=str(e), calls=getattr(e, "calls", ())), True
    except Exception:  # noqa: BLE001 - a bug in a tool; left `executing`, it would pass for a crash and never be explained
        _log.exception("operation %s of offer %d broke", offer.candidate.operation.name, offer.id)
        result, failed = Result(text="It failed for a reason we did not foresee; the log has the details."), True
    else:
        failed = False
    done = Execution(
        offer=offer.id, state="failed" if failed else "done", at=parts.clock.now(), text=result.text, undo=result.undo
    )
    _record(parts, done, result.calls)
    await _tell(parts, offer, done, await _copied(result, copy))
    return done


async def undo(parts: Parts, offer: Offer, now: datetime) -> str:
    """Undo what an offer did; says what was undone. Raises ToolError if it did nothing that can be undone."""
    run = parts.store.execution(offer.id)
    if run is None or run.state != "done" or run.undo is None:
        raise ToolError("There is nothing to undo for this offer.", "Only a rename that was carried out can be undone.")
    text = await parts.tools.undo(offer.candidate.operation, run.undo)
    parts.store.finish(run.model_copy(update={"state": "undone", "at": now, "text": text}))
    return text


def _unchanged(parts: Parts, offer: Offer) -> None:
    """Raise ToolError unless what would run now is what was shown then."""
    operation = offer.candidate.operation
    belt = parts.tools if isinstance(parts.tools, ToolBelt) else None
    before = parts.store.get_state(_key(offer.id)) or (belt.seal(operation) if belt else "")
    line = parts.tools.check(operation)
    if line != offer.line and defence.on("same_line"):
        raise ToolError(f"Not run: it would now be '{line}', not what was shown.", "Nothing was changed.")
    if belt and before and not alike(before, belt.seal(operation)) and defence.on("same_file"):
        raise ToolError(f"Not run: the file is another one than when it was offered; {REPLACING}.", "Nothing was changed.")


def _key(offer: int) -> str:
    return f"seal:{offer}"


def _record(parts: Parts, done: Execution, calls: Sequence[LLMCall]) -> None:
    """The effect has happened: a store that fails now must not keep its result from the user."""
    try:
        parts.store.finish(done)
        kept = parts.store.execution(done.offer)
        if kept is None or kept.text != DELETED:  # the user may have deleted it all while it ran
            parts.store.add_calls(calls, f"{OPERATION}{done.offer}")
    except StoreError:
        _log.exception("the result of offer %d could not be recorded", done.offer)


async def _copied(result: Result, copy: Copy) -> str:
    if not result.clipboard:
        return ""
    return await copy(result.clipboard) or "It is on the clipboard."


async def _tell(parts: Parts, offer: Offer, done: Execution, copied: str) -> None:
    title = ("Done: " if done.state == "done" else "Failed: ") + offer.line
    body = "\n".join(part for part in (cut(done.text, PREVIEW), copied) if part)
    try:
        await parts.notifier.tell(cut(title, LINE), body)
    except ProactiveError:
        _log.warning("the result of offer %d could not be shown; it is in the inbox", offer.id)
