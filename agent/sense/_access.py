"""Finds where ActivityWatch answers and the key it asks for, from its own configuration files; reads only, creates nothing.

aw_client.config.load_config would write a file into the user's configuration folder and import the whole client; the
two files it and aw-server-rust keep are read here instead, as aw-client does since 2026.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from agent.keys import know
from agent.sense._http import Access

log = logging.getLogger(__name__)
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SERVER_CONFIGS = (("config.toml", 5600), ("config-testing.toml", 5666))  # aw-server-rust's, with their default ports


def access(host: str | None, port: int | None, key: str) -> Access:
    """Host and port as given, else as aw-client.toml says, else 127.0.0.1:5600; the key as given, else AW's own one."""
    server = _table(_read("aw-client", "aw-client.toml"), "server") if host is None and port is None else {}
    host = (host or str(server.get("hostname") or "127.0.0.1")).lower()  # aw-server refuses a Host header in capitals
    port = port or _port(server.get("port"), 5600)
    key = key or _server_key(host, port)
    know(SecretStr(key))
    return Access(host, port, key)


def _server_key(host: str, port: int) -> str:
    """The key of the server on this computer that listens on that port; a key never goes to another computer by itself."""
    if host not in LOOPBACK:
        return ""
    for name, default in SERVER_CONFIGS:
        config = _read("aw-server-rust", name)
        if _port(config.get("port"), default) == port:
            key = _table(config, "auth").get("api_key")
            if isinstance(key, str) and key:
                return key
    return ""


def _read(folder: str, name: str) -> dict[str, Any]:
    import tomli
    from platformdirs import user_config_dir

    file = Path(user_config_dir("activitywatch")) / folder / name
    try:
        return tomli.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        log.warning("The file %s cannot be read; it is left out.", file)
        return {}


def _table(config: dict[str, Any], name: str) -> dict[str, Any]:
    table = config.get(name)
    return table if isinstance(table, dict) else {}


def _port(value: object, default: int) -> int:
    try:
        port = int(str(value))
    except ValueError:
        return default
    return port if 0 < port < 65536 else default
