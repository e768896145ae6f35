"""proactive config"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli._ui import say, show_json


def command(
    config: Annotated[Path | None, typer.Option(help="Configuration file to look at.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Every setting in force, keys hidden.")] = False,
) -> None:
    """Check the configuration and show what is in force."""
    from agent.configfile import find, read

    path = find(config)
    settings = read(path)
    if as_json:
        show_json(_hidden(settings.model_dump(mode="json")))
        return
    say(f"Configuration: {path.resolve() if path else 'none, the defaults are in force (make one with: proactive init)'}")
    say(f"Model: {settings.alias('agent') or 'none, the offline predictor'}")
    for alias, entries in settings.api_keys.items():
        for entry in entries:
            say(
                f"  {alias}: {entry.model} at {entry.base_url}, key {'set' if entry.secret().get_secret_value() else 'not set'}"
            )
    say(f"Judge: {settings.reward_model.kind}")
    say(f"Operations: {', '.join(settings.tools.allow)}")
    say("The configuration is valid.")


def _hidden(value: Any, name: str = "") -> Any:
    """The settings with the keys of sections that belong to a plug hidden too."""
    if isinstance(value, dict):
        return {k: _hidden(v, str(k)) for k, v in value.items()}
    if isinstance(value, list):
        return [_hidden(v) for v in value]
    return "**********" if name == "api_key" and value else value
