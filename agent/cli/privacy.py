"""proactive privacy"""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli._ui import console, say, show_json

if TYPE_CHECKING:
    from agent.core.explain import Tried
    from agent.core.redact import Rules

NOT_KNOWN = (
    "Not recognised: names of people and companies, street addresses, dates of birth, what a text means, a bare password that "
    "is short or readable. Kept on purpose: bare UUIDs, git hashes, file names. For more: excluded_apps, excluded_titles, "
    "excluded_urls, or titles = false under [privacy]."
)


def command(  # noqa: PLR0913, PLR0917 - the options of a command
    text: Annotated[str, typer.Option("--try", metavar="TEXT", help="Show what would remain of it; - reads it.")] = "",
    app: Annotated[str, typer.Option(help="Try a window of this app.")] = "",
    title: Annotated[str, typer.Option(help="Try a window or tab of this title.")] = "",
    url: Annotated[str, typer.Option(help="Try a tab of this address.")] = "",
    config: Annotated[Path | None, typer.Option(help="Configuration file to look at.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """What is left out and hidden of what you do, and what would remain of a text. Nothing tried is stored."""
    from agent.configfile import find, read
    from agent.core.redact import Rules

    path = find(config)
    found = read(path).privacy
    rules = Rules(**found.model_dump())
    if text and (app or title or url):
        raise typer.BadParameter("try either a text, or an app, title and address.", param_hint="--try")
    if text or app or title or url:
        _show(_tried(text, (app, title, url), rules), as_json=as_json)
    elif as_json:
        show_json(_in_force(rules, path))
    else:
        _tell(rules, path)


def _tried(text: str, window: tuple[str, str, str], rules: Rules) -> Tried:
    from agent.core.explain import tried, tried_events
    from agent.core.records import Event

    if text:
        return tried(sys.stdin.read().rstrip("\n") if text == "-" else text)
    app, title, url = window
    now = datetime.now(timezone.utc)
    events = []
    if app or not url:
        events.append(Event(bucket="window", track="window", timestamp=now, duration=1, data={"app": app, "title": title}))
    if url:
        data = {"title": title, "url": url, "incognito": False}
        events.append(Event(bucket="web", track="web", timestamp=now, duration=1, data=data))
    return tried_events(events, rules)


def _show(found: Tried, *, as_json: bool) -> None:
    if as_json:
        show_json(found.model_dump())
    elif found.dropped:
        say(f"Nothing would remain: {found.dropped}.")
    else:
        say(found.left or "Nothing would remain.")
        for rule in found.rules:
            say(f"Hidden by: {rule}")
        if not found.rules:
            say("No rule hides anything of it.")


def _in_force(rules: Rules, path: Path | None) -> dict[str, Any]:
    from agent.core.canary import broken
    from agent.core.explain import MARKS, WHY, examples

    return {
        "configuration": str(path.resolve()) if path else None,
        **rules.model_dump(mode="json"),
        "works": not broken(),
        "dropped": WHY,
        "marks": MARKS,
        "examples": [{"rule": name, "text": text, "left": left} for name, text, left in examples()],
    }


def _tell(rules: Rules, path: Path | None) -> None:
    from rich.markup import escape
    from rich.table import Table

    found = _in_force(rules, path)
    out = console()
    if not found["works"]:
        say("The redaction does not work: nothing is looked at until it does.")
    out.print(
        "Left out whole, built in and always in force:",
        *(f"  {why}" for why in found["dropped"].values()),
        sep="\n",
        markup=False,
    )
    table = Table(title="Hidden in every text (made-up examples)", title_justify="left")
    for head in ("rule", "of", "remains"):
        table.add_column(head, overflow="fold")
    for one in found["examples"]:
        table.add_row(*(escape(cell) for cell in one.values()))
    out.print(table)
    where = f"{path.resolve()}, [privacy]" if path else "none, the defaults are in force (make one with: proactive init)"
    say(f"Configuration: {where}")
    for name in ("excluded_apps", "excluded_titles", "excluded_urls"):
        say(f"  {name}: {', '.join(found[name]) or 'none'}")
    titles = "off: only names of apps are used" if not found["titles"] else "on (titles = false turns them off)"
    say(f"  titles: {titles}")
    out.print(NOT_KNOWN, markup=False)
