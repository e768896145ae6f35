"""proactive learn"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli._ui import say, store
from agent.errors import ProactiveError
from agent.paths import data_folder

if TYPE_CHECKING:
    from agent.learning import Outcome
    from reward_model.dataset import Row


def command(
    export: Annotated[Path | None, typer.Option(help="Write your answers as judgement rows (they say what you did).")] = None,
    annotations: Annotated[Path | None, typer.Option(help="Further judgement rows to learn from.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Measure only; keep nothing.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Go back to the shipped scorer.")] = False,
) -> None:
    """Refit the embedded judge on your own answers; kept only if it predicts days it has not seen better than before."""
    if forget:
        _forget()
        return
    from rich.console import Console
    from rich.progress import Progress

    from agent.judges import load_scorer
    from agent.learning import answered, exported, learn

    answers = answered(store())
    if export is not None:
        say(f"{len(answers)} answers written to {exported(answers, export)}.")
    further = _rows(annotations)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("learning", total=1.0)
        outcome = learn(answers, load_scorer(), further, lambda share: progress.update(bar, completed=share))
    _tell(outcome, dry_run=dry_run)


def _forget() -> None:
    from agent.learning import forget

    if forget(data_folder()):
        say("What was learnt is gone; the shipped scorer judges again from the next start of the daemon.")
    else:
        say("Nothing was learnt, so there is nothing to forget.")


def _tell(outcome: Outcome, *, dry_run: bool) -> None:
    from agent.learning import LEAST, LEAST_DAYS, forget, keep

    say(f"Your answers: {outcome.answers} on {outcome.days} days, {outcome.accepted} accepted.")
    if outcome.correction is None:
        say(f"Too few to learn from: it takes {LEAST} on {LEAST_DAYS} days, some accepted and some not. Nothing was changed.")
        return
    gain = outcome.before - outcome.after
    say(f"Log-loss on days held out: {outcome.before:.4f} without, {outcome.after:.4f} with what was learnt")
    say(f"(gain {gain:.4f}, standard error over days {outcome.error:.4f}).")
    if dry_run:
        say(f"It would {'be kept' if outcome.better else 'not be kept'}. Nothing was changed.")
    elif outcome.better:
        path = keep(data_folder(), outcome.correction)
        say(f"Kept in {path}; used from the next start of the daemon. Undo with: proactive learn --forget")
    else:
        gone = " What was learnt earlier is removed." if forget(data_folder()) else ""
        say(f"Not clearly better, so it is not kept and the shipped scorer stays.{gone}")
    say("Either way your answers move each chance by the personal layer, at once.")


def _rows(path: Path | None) -> tuple[Row, ...]:
    from reward_model.dataset import DatasetError, read

    try:
        return () if path is None else read(path)
    except DatasetError as e:
        raise ProactiveError("The annotations cannot be used.", str(e)) from e
