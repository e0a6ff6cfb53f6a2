"""One negative of each kind by its seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sagittal.simulator.canvas import Image
from sagittal.simulator.config import SimulatorConfig
from sagittal.simulator.negatives.frontal import frontal_film
from sagittal.simulator.negatives.others import limb_film, page_of_text, picture_of_anything
from sagittal.simulator.negatives.slices import axial_slice, sagittal_slice

_DRAW: Mapping[str, Callable[[SimulatorConfig, np.random.Generator, int], Image]] = {
    "frontal film": frontal_film,
    "sagittal slice": sagittal_slice,
    "transverse slice": lambda _, rng, rows: axial_slice(rng, rows),
    "film of a limb or skull": limb_film,
    "page of text": lambda _, rng, rows: page_of_text(rng, rows),
    "picture of anything": lambda _, rng, rows: picture_of_anything(rng, rows),
}
KINDS = tuple(_DRAW)


def draw_negative(kind: str, config: SimulatorConfig, seed: int, *, rows: int) -> Image:
    """(rows, columns) in 0..1 of one of `KINDS`; the same arguments give the same picture."""
    return _DRAW[kind](config, np.random.default_rng((seed, KINDS.index(kind))), rows)
