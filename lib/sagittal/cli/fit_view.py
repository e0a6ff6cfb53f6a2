"""`sagittal fit-view`: the view check's classifier, made again."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from sagittal.cli.console import known_errors, output, progress


def fit_view(
    out: Annotated[Path, typer.Argument(help="The file to write, view.npz; the one that ships lies in weights/.")],
    count: Annotated[int, typer.Option(min=20, help="How many simulated patients.")] = 360,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first; the others follow on it.")] = 700_000,
) -> None:
    """Fit the check that tells lateral lumbar films from other pictures, on simulated films and drawn pictures.

    Takes some five minutes on one quiet core. Does not depend on the networks that measure.
    """
    console = output()
    with known_errors(), progress(console) as bar:
        from sagittal.training.view import SAMPLES_PER_SEED, features_of, fit_classifier, view_samples
        from sagittal.view.look import FeatureExtractor

        task = bar.add_task("Drawing", total=count * SAMPLES_PER_SEED)
        samples = chain.from_iterable(view_samples(s) for s in range(seed, seed + count))
        kinds, features = features_of(samples, FeatureExtractor(), lambda done: bar.update(task, completed=done))
        fit_classifier(kinds, features).save(out)
    console.print(f"{len(kinds)} pictures: {out}", soft_wrap=True, markup=False)
