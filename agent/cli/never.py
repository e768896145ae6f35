"""proactive never"""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli._ui import change, pace_report, say


def command(
    offer: Annotated[int | None, typer.Argument(help="Number of an offer whose kind you never want again.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="The kinds that are never offered.")] = False,
    undo: Annotated[str, typer.Option(metavar="KIND", help="Offer this kind again.")] = "",
) -> None:
    """Never offer this kind again."""
    if (offer is not None) + listed + bool(undo) != 1:
        raise typer.BadParameter("give either the number of an offer, --list or --undo KIND")
    if listed:
        _list()
    elif undo:
        say(f"{_named(change('again', kind=undo))} may come again.")
    else:
        muted = change("never", offer=offer)
        back = muted["kind"] if muted["kind"] == muted["name"] else offer
        say(f"No {_named(muted, 'offers')} any more. Take it back with: proactive never --undo {back}")


def _named(muted: dict[str, str], offers: str = "Offers") -> str:
    """What was muted, in words."""
    how = "of the kind" if muted["kind"] == muted["name"] else "like"
    return f"{offers} {how} '{muted['name']}'"


def _list() -> None:
    ideas = [i["name"] for i in pace_report()["ideas"] if i["muted"]]
    if not ideas:
        say("Every kind may be offered. Mute the kind of an offer with: proactive never NO")
    for name in ideas:
        say(name)
