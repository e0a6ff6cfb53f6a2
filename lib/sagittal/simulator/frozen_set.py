"""The frozen, hard test set of the anatomy: numbered films with their truth and their damaged masks.

Results on it are comparable as long as its digest is the same; a test pins the digest. No model may be trained on its
seeds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from sagittal.simulator.config import SimulatorConfig, hard_config
from sagittal.simulator.damage import DamagedMask, damage
from sagittal.simulator.damage_config import DamageConfig, load_damage_config
from sagittal.simulator.film import SimulatedTruth, simulate_truth

FILMS = 500
PIXEL_MM = 0.25
# Seeds of the films start here; the damage has one of its own.
FIRST_SEED = 900_000
DAMAGE_SEED = 7


@dataclass(frozen=True, eq=False)
class FrozenFilm:
    """What is true of a film of the set, and its mask as a network might have drawn it."""

    truth: SimulatedTruth
    damaged: DamagedMask


def frozen_film(number: int) -> FrozenFilm:
    """The film of a number, 0 to FILMS - 1, at PIXEL_MM.

    Raises:
        ValueError: the set has no such film.
    """
    truth = frozen_truth(number)
    return FrozenFilm(truth, damage(truth, _configurations()[1], DAMAGE_SEED))


def frozen_truth(number: int, *, rows: int | None = None) -> SimulatedTruth:
    """The truth of a film of the set; at `rows` pixels of height instead of PIXEL_MM a pixel, where given.

    Raises:
        ValueError: the set has no such film.
    """
    if not 0 <= number < FILMS:
        raise ValueError(f"the frozen set has films 0 to {FILMS - 1}, got {number}")
    size = PIXEL_MM if rows is None else None
    return simulate_truth(_configurations()[0], FIRST_SEED + number, rows=rows, pixel_mm=size)


def frozen_digest() -> str:
    """SHA-256 of all that defines the set: what shapes truth and damage, its seeds, its size."""
    hard, damaging = _configurations()
    numbers = f"{FILMS} {PIXEL_MM} {FIRST_SEED} {DAMAGE_SEED}"
    # What was added to the schema since and is not used here does not tell one set from another.
    shape = hard.model_dump_json(include={"anatomy", "implants", "framing"}, exclude_defaults=True)
    return hashlib.sha256("\n".join((shape, damaging.model_dump_json(), numbers)).encode()).hexdigest()


@cache
def _configurations() -> tuple[SimulatorConfig, DamageConfig]:
    return hard_config(), load_damage_config()
