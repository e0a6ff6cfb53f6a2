"""The frozen, hard test set of whole films, pictures and all, for comparisons of networks.

Its configuration is a file of its own, whole: changes of simulator.yaml leave it alone. Results are comparable as long
as its digest is the same; a test pins the digest and a few of its films. No model may be trained on its seeds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from sagittal.configuration import config_folder, load_checked
from sagittal.simulator.config import SimulatorConfig
from sagittal.simulator.dataset import write_dataset
from sagittal.simulator.film import SimulatedFilm, simulate_film

FILMS = 1000
FIRST_SEED = 950_000


@cache
def frozen_films_config() -> SimulatorConfig:
    """The configuration of the set."""
    return load_checked(config_folder() / "simulator_frozen_films.yaml", SimulatorConfig)


def frozen_films_digest() -> str:
    """SHA-256 of all that defines the set; what was added to the schema since and is not used here leaves it alone."""
    shape = frozen_films_config().model_dump_json(exclude_defaults=True)
    return hashlib.sha256(f"{shape}\n{FILMS} {FIRST_SEED}".encode()).hexdigest()


def frozen_whole_film(number: int) -> SimulatedFilm:
    """The film of a number, 0 to FILMS - 1.

    Raises:
        ValueError: the set has no such film.
    """
    if not 0 <= number < FILMS:
        raise ValueError(f"the frozen set has films 0 to {FILMS - 1}, got {number}")
    return simulate_film(frozen_films_config(), FIRST_SEED + number)


def write_frozen_films(
    out: Path, *, count: int = FILMS, workers: int = 1, on_film: Callable[[int], None] | None = None
) -> Path:
    """Write the set, or its first `count` films, as a dataset whose films are all for validation.

    Returns:
        The path of dataset.json.

    Raises:
        ValueError: the set has not so many films.
        OSError: the folder cannot be written.
    """
    if not 1 <= count <= FILMS:
        raise ValueError(f"the frozen set has {FILMS} films, got a count of {count}")
    config = frozen_films_config()
    return write_dataset(config, out, count, FIRST_SEED, validation=1.0, workers=workers, on_film=on_film)
