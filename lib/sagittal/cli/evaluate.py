"""`sagittal evaluate`: a network against a datalist."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from sagittal.cli.console import known_errors, output


def evaluate(
    model: Annotated[str, typer.Argument(help="A shipped network by name, or the path of a checkpoint.")],
    datalist: Annotated[Path, typer.Argument(help="dataset.json whose films have masks.")],
    split: Annotated[str, typer.Option(help="Which list of the file.")] = "validation",
) -> None:
    """Score a network on films with known masks; prints JSON."""
    with known_errors():
        from sagittal.cli.model import checkpoint_of
        from sagittal.training import evaluate_checkpoint

        metrics = evaluate_checkpoint(checkpoint_of(model), _entries(datalist, split))
    output().print_json(json.dumps(metrics))


def _entries(datalist: Path, split: str) -> list[dict[str, Any]]:
    """The films of one list, their paths made absolute.

    Raises:
        ValueError: the file is no datalist or lacks the list.
    """
    try:
        content = json.loads(datalist.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{datalist}: is not JSON: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get(split), list):
        raise ValueError(f"{datalist}: has no list '{split}'")
    folder = datalist.parent.absolute()
    return [
        {**entry, "image": str(folder / entry["image"]), "label": str(folder / entry["label"])}
        for entry in content[split]
    ]
