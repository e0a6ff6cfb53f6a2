"""How like real films the simulator's are: writes benchmarks/simulator.md and, outside the project, a contact sheet.

Needs ../shared/data, whose films may not be shipped; the sheet shows them and goes to --sheets, outside the project.
What is written by hand about the sheet, below the mark, is kept.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from real_films import DATA, authors_mask, references
from sagittal.anatomy import Body, EndPlate, Landmarks, measure_mask, parameters_from_landmarks
from sagittal.films import Film, read_film
from sagittal.inference.preparation import normalise
from sagittal.simulator import load_simulator_config, simulate_film
from sagittal.simulator.contact_sheet import contact_sheet
from sagittal.simulator.film import simulate_truth
from sagittal.simulator.statistics import FilmStatistics, film_statistics, statistics_report

OUT = Path(__file__).with_suffix(".md")
FIRST_SEED = 700_000
PARAMETERS = ("PI", "PT", "SS", "LL", "L4S1")
CHAIN = ("SS", "LL", "L4S1", "L1", "L2", "L3", "L4", "L5", "L1L2", "L2L3", "L3L4", "L4L5", "L5S1")
MARK = "## What the sheet shows"


def real_films() -> dict[str, tuple[Film, FilmStatistics]]:
    """a1, a2, b1 with the doctors' marks, a3 with what the anatomy measures on the authors' mask."""
    known = {name: found.landmarks for name, found in references().items()}
    films = {}
    for name in ("a1", "a2", "a3", "b1"):
        film = read_film(next((DATA / "films_dev").glob(f"{name}.*")))
        landmarks = known[name] if name in known else measure_mask(authors_mask(name, film.shape)).landmarks
        films[name] = film, film_statistics(normalise(film.pixels), landmarks)
    return films


def chain_values() -> dict[str, list[float]]:
    """Parameters of the real L1..S1 chains."""
    chains = json.loads((DATA / "priors" / "corner_chains.json").read_text(encoding="utf-8"))
    values: dict[str, list[float]] = {name: [] for name in CHAIN}
    for chain in chains:
        landmarks = chain_landmarks(chain["polygons"])
        for name, found in parameters_from_landmarks(landmarks).items() if landmarks else ():
            if name in values and found.value is not None:
                values[name].append(found.value)
    return values


def chain_landmarks(polygons: list[list[list[float]]]) -> Landmarks | None:
    """A chain of corner polygons from L1 to S1; None where it is not one of five bodies that faces right."""
    if len(polygons) != 6 or any(len(polygon) != 4 for polygon in polygons[:5]):
        return None
    bodies = {}
    for level, polygon in enumerate(polygons[:5], start=1):
        by_row = sorted(polygon, key=lambda point: point[1])
        upper, lower = sorted(by_row[:2]), sorted(by_row[2:])
        (back_up, front_up), (back_low, front_low) = (map(tuple, upper), map(tuple, lower))
        bodies[f"L{level}"] = Body(front_up, back_up, front_low, back_low)
    posterior, anterior = sorted(map(tuple, polygons[5][:2]))
    return Landmarks(bodies, EndPlate(anterior, posterior), (), "right")


def parameter_table(count: int) -> list[str]:
    config = load_simulator_config()
    truths = [simulate_truth(config, FIRST_SEED + seed, rows=64).parameters for seed in range(count)]
    real = chain_values()
    rows = ["| parameter | simulated | real chains |", "|---|---|---|"]
    for name in ("PI", "PT", *CHAIN):
        own = [value for truth in truths if (value := truth[name].value) is not None]
        rows.append(f"| {name} | {spread(own)} | {spread(real.get(name, []))} |")
    return rows


def spread(values: list[float]) -> str:
    if not values:
        return "-"
    low, middle, high = np.percentile(values, [5, 50, 95])
    return f"{middle:.1f} [{low:.1f}, {high:.1f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description="How like real films the simulator's are.")
    parser.add_argument("--films", type=int, default=60)
    parser.add_argument("--parameters", type=int, default=500)
    parser.add_argument("--sheets", type=Path, default=Path(tempfile.gettempdir()) / "sagittal_sheets")
    options = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"{DATA} is not here: the real films may not be shipped, so there is nothing to compare with")
    config, real = load_simulator_config(), real_films()
    simulated = [simulate_film(config, FIRST_SEED + seed, rows=640) for seed in range(options.films)]
    statistics = [film_statistics(normalise(one.film.pixels), one.landmarks) for one in simulated]
    options.sheets.mkdir(parents=True, exist_ok=True)
    shown = [(name, normalise(film.pixels)) for name, (film, _) in real.items()]
    shown += [(one.film.identity.name, one.film.pixels) for one in simulated[:14]]
    cv2.imwrite(str(options.sheets / "real_and_simulated.png"), contact_sheet(shown))
    groups = {"simulated": statistics} | {name: [figures] for name, (_, figures) in real.items()}
    kept = OUT.read_text(encoding="utf-8").partition(MARK)[2] if OUT.exists() else "\n"
    lines = [
        "# Simulated films beside real ones",
        "",
        f"Written by `python benchmarks/simulator.py --films {options.films} --parameters {options.parameters}`:",
        "medians with the 5th and the 95th percentile. Not for clinical use. Films at the same scale (60 pixels are",
        "the depth of L3), grey values between the film's 0.5th and 99.5th percentile; gradients in grey levels a",
        "hundredth of a depth; contrasts of a line with both its sides in deviations of the film.",
        "",
        *statistics_report(groups, PARAMETERS),
        "",
        "## Parameters beside those of real L1 to S1 chains",
        "",
        *parameter_table(options.parameters),
        "",
    ]
    OUT.write_text("\n".join(lines) + f"\n{MARK}{kept}", encoding="utf-8")
    print("\n".join(lines))
    print(f"Sheet: {options.sheets}")


if __name__ == "__main__":
    main()
