"""proactive init"""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import Annotated

import typer

from agent.cli._ui import say
from agent.errors import ConfigError


def command(
    path: Annotated[
        Path | None, typer.Option(help="Where to write it; else private.toml in your configuration folder.")
    ] = None,
    base_url: Annotated[str, typer.Option(help="Address of an OpenAI-compatible endpoint.")] = "",
    model: Annotated[str, typer.Option(help="Name of the model there.")] = "",
    api_key_env: Annotated[str, typer.Option(help="Name of the environment variable that holds the key.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
) -> None:
    """Write a commented configuration; find ActivityWatch and local models; test one call."""
    from agent.config import address_problem
    from agent.configfile import NAME, read
    from agent.paths import config_folder

    target = path or config_folder() / NAME
    if base_url and (problem := address_problem(base_url)):
        raise ConfigError(f"--base-url: {problem}.")
    if _there(target) and not force:
        raise ConfigError(f"There is a configuration at {target} already.", "Edit it, or use --force to write it anew.")
    endpoints = asyncio.run(_local())
    for name, url in endpoints.items():
        say(f"Found {name} at {url}.")
    if not base_url and endpoints:
        base_url = next(iter(endpoints.values()))
    if base_url and not model:
        model = asyncio.run(_first_model(base_url))
    write(target, base_url, model, api_key_env)
    say(f"Wrote {target}, readable by you alone.")
    settings = read(target)
    asyncio.run(_report(target))
    if not settings.alias("agent"):
        say("No model is configured: the offline predictor works alone.")
        say(f"To use one, edit default_completions_model, api_key and base_url in {target}.")
    say("Next: proactive run")


def write(target: Path, base_url: str, model: str, api_key_env: str) -> None:
    """Write the example, filled in, 0600 from creation. Raises ConfigError."""
    from agent.paths import resource

    packed = resource("example_config.toml")
    text = (packed if packed.exists() else resource().parent / "example_config.toml").read_text(encoding="utf-8")
    if base_url and model:
        text = _fill(
            text, {"default_completions_model": "main", "base_url": base_url, "model": model, "api_key_env": api_key_env}
        )
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write(text)
    except OSError as e:
        raise _not_written(target, e) from e


def _there(target: Path) -> bool:
    try:
        return target.exists()
    except OSError as e:
        raise _not_written(target, e) from e


def _not_written(target: Path, why: OSError) -> ConfigError:
    named = str(target) if len(str(target)) < 200 else f"{str(target)[:200]}…"
    return ConfigError(f"{named} cannot be written: {why.strerror}.", "Name another place: proactive init --path FILE")


def _fill(text: str, values: dict[str, str]) -> str:
    """Set the first line of each key, keeping its comment."""
    for key, value in values.items():
        if not value.isprintable():
            raise ConfigError(f"{key} cannot be written: it holds signs that cannot be seen.", "Type it anew.")
        quoted = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        line = f"{key} = {quoted}"
        text = re.sub(rf'(?m)^{key} = "[^"]*"', line.replace("\\", r"\\"), text, count=1)
    return text


async def _local() -> dict[str, str]:
    from agent.checks import local_endpoints

    return await local_endpoints()


async def _first_model(base_url: str) -> str:
    """The first model an endpoint lists, or empty."""
    import httpx

    try:
        async with httpx.AsyncClient(timeout=3, trust_env=False) as http:
            listed = (await http.get(base_url.rstrip("/") + "/models")).json()
        return str(listed["data"][0]["id"])
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, IndexError, TypeError):
        return ""


async def _report(target: Path) -> None:
    from agent.app import endpoint
    from agent.checks import activitywatch, model
    from agent.clocks import RealClock
    from agent.configfile import read
    from agent.paths import data_folder

    settings = read(target)
    found = await activitywatch(settings)
    alias = settings.alias("agent")
    if alias:
        llm = endpoint(settings, alias, RealClock())
        found.append(await model(settings, llm, data_folder()))
        await llm.close()
    for f in found:
        say(f"{f.mark:8} {f.what}: {f.found}" + (f"  {f.remedy}" if f.remedy else ""))
