"""One kept-alive connection to an ActivityWatch server: bounded in time and size, JSON only, every failure one exception."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from agent.core.defence import on

if TYPE_CHECKING:
    import httpx

Trouble = Literal["down", "slow", "refused", "missing", "error", "garbage"]
MAX_BODY = 32 * 1024 * 1024  # 10,000 events are some 5 MB
KEEP_ALIVE = 150.0  # seconds: longer than the daemon's minute between two reads
BIG = 256 * 1024  # a body above this is parsed in a thread, so that nothing else waits for it


class RequestError(Exception):
    """A request that gave nothing usable. `kind` says why; `status` is the HTTP status or 0."""

    def __init__(self, kind: Trouble, status: int = 0) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = status


@dataclass(frozen=True)
class Access:
    """Where ActivityWatch answers, and the API key it asks for ('' = none)."""

    host: str
    port: int
    key: str = field(default="", repr=False)

    @property
    def where(self) -> str:
        """`host:port` as a person writes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Budget:
    """A total of seconds shared by a series of requests: each may use half of what is left, so one hang starves no other."""

    def __init__(self, seconds: float) -> None:
        self._now = asyncio.get_running_loop().time
        self._end = self._now() + seconds

    def share(self) -> float:
        """Seconds the next request may take."""
        return max(0.05, (self._end - self._now()) / 2)


class Connection:
    """GET requests over one TCP connection, opened when first used. No proxy, no redirect, no retry."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._client: httpx.AsyncClient | None = None

    async def get(self, path: str, seconds: float, parse: Callable[[Any], Any] | None = None) -> Any:
        """The decoded JSON of `path` (after `parse`, if given), within `seconds` until its last byte; raises RequestError."""
        import httpx

        try:
            body = await asyncio.wait_for(self._fetch(path), seconds if on("total_deadline") else None)
        except asyncio.TimeoutError:
            raise RequestError("slow") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as e:
            raise RequestError("down") from e
        if len(body) > BIG:
            return await asyncio.to_thread(_decode, body, parse)
        return _decode(body, parse)

    async def close(self) -> None:
        """Close the connection; the next `get` opens a new one."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _fetch(self, path: str) -> bytes:
        async with self._open().stream("GET", path) as answer:
            _check(answer.status_code)
            return await _collect(answer.aiter_raw())

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            import httpx

            # aiter_raw with identity: a compressed answer is refused as garbage instead of being inflated without a limit.
            headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
            if self._access.key:
                headers["Authorization"] = f"Bearer {self._access.key}"
            self._client = httpx.AsyncClient(
                base_url=f"http://{self._access.where}",
                headers=headers,
                trust_env=False,
                follow_redirects=not on("redirects_off"),
                verify=False,  # noqa: S501 - ActivityWatch speaks plain http; loading certificates would cost 3 MiB
                timeout=None,  # noqa: S113 - `get` holds the whole request to its deadline; httpx would time each chunk
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_ALIVE),
            )
        return self._client


def _check(status: int) -> None:
    if status == 200:
        return
    kinds: dict[int, Trouble] = {401: "refused", 403: "refused", 404: "missing"}
    raise RequestError(kinds.get(status, "error" if status >= 400 else "garbage"), status)


async def _collect(chunks: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > MAX_BODY and on("response_cap"):
            raise RequestError("garbage")
    return bytes(body)


def _decode(body: bytes, parse: Callable[[Any], Any] | None) -> Any:
    try:
        value = json.loads(body)  # NaN, which Python servers write, is left to the checks of each event
    except (ValueError, RecursionError) as e:
        raise RequestError("garbage", 200) from e
    return parse(value) if parse else value
