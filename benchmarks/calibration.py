"""Calibrates a shipped network's uncertainties on simulated films and checks them on others.

python benchmarks/calibration.py                  # `spine`: fits, writes its model file and benchmarks/calibration.md
python benchmarks/calibration.py bilunet          # another network: its model file, benchmarks/calibration_bilunet.md
python benchmarks/calibration.py --check          # checks what the model file says, writes nothing
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import real_films as real
import torch
from rich.progress import track
from sagittal.anatomy.definitions import Definitions, default_definitions
from sagittal.anatomy.measurement import Measurement, ParameterValue
from sagittal.calibration import SeenFilm, Truth, fit_calibration, look_at, measure_seen
from sagittal.calibration.gains import landmark_shares
from sagittal.evaluation.measuring import MeasurementScore, score_measurement, summarize
from sagittal.films import read_film
from sagittal.inference import Predictor, inspect_film, shipped_model, shipped_models
from sagittal.inference.predictor import softened
from sagittal.networks import save_model
from sagittal.simulator import load_simulator_config, simulate_film
from sagittal.simulator.dataset import configuration_digest

ROOT = Path(__file__).parents[1]
# Seeds of the films to fit and to check on, half of each as usual, half displayed as badly as films come.
FIT_SEED, CHECK_SEED, FILMS = 910_000, 911_000, 60
GOAL = (0.86, 0.94)
DEFAULT = "spine"


@dataclass(frozen=True, eq=False)
class Seen:
    """A simulated film as the network sees it, with its true label map and parameters."""

    film: SeenFilm
    label_map: npt.NDArray[np.uint8]
    parameters: Mapping[str, ParameterValue]


def adverse(seed: int) -> bool:
    """Every other film is displayed badly."""
    return seed % 2 == 1


def looked_at(seeds: range, predictor: Predictor) -> list[Seen]:
    seen = []
    for seed in track(seeds, description="films"):
        config = load_simulator_config(ROOT / "configs" / "simulator_adverse.yaml" if adverse(seed) else None)
        simulated = simulate_film(config, seed)
        values = {name: parameter.value for name, parameter in simulated.parameters.items()}
        truth = Truth(simulated.class_mask, simulated.landmarks, values)
        film = look_at(simulated.film, truth, predictor, seed)
        seen.append(Seen(film, simulated.label_map, simulated.parameters))
    return seen


# --- report -------------------------------------------------------------------------------------------------------


def checked(films: Sequence[Seen], definitions: Definitions) -> list[str]:
    """By parameter: errors and coverage, on the films displayed as usual, badly, and on all."""
    measured, scores = scored(films, definitions)
    groups = [summarize(scores[0::2]), summarize(scores[1::2]), summarize(scores)]
    guessed = summarize(scored(films, default_definitions())[1])
    rows = [
        "| parameter | MAE usual | MAE adverse | median half width | held, usual | held, adverse | held, all "
        "| held, all, were it not calibrated |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in definitions.parameters:
        usual, bad, every = (group[name] for group in groups)
        widths = [(i[1] - i[0]) / 2 for m in measured if (i := m.parameters[name].interval_90) is not None]
        cells = [_cell(usual.mean_error), _cell(bad.mean_error), _cell(float(np.median(widths)) if widths else None)]
        cells += [_share(usual.coverage, False), _share(bad.coverage, False), _share(every.coverage, True)]
        cells.append(_share(guessed[name].coverage, False))
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    verdicts = [m.quality.verdict for m in measured]
    counts = ", ".join(f"{verdict} {verdicts.count(verdict)}" for verdict in sorted(set(verdicts)))
    return [*rows, "", f"Verdicts: {counts}.", "", *_by_verdict(measured, scores), "", _landmarks(films, measured)]


def scored(films: Sequence[Seen], definitions: Definitions) -> tuple[list[Measurement], list[MeasurementScore]]:
    measured = [measure_seen(film.film, definitions) for film in films]
    return measured, [score_measurement(m, f.label_map, f.parameters) for m, f in zip(measured, films, strict=True)]


def _by_verdict(measured: Sequence[Measurement], scores: Sequence[MeasurementScore]) -> list[str]:
    rows = ["| verdict | films | MAE PI | PT | SS | LL |", "|---|---|---|---|---|---|"]
    for verdict in ("measurable", "measurable with caution", "not measurable"):
        chosen = [s for m, s in zip(measured, scores, strict=True) if m.quality.verdict == verdict]
        if chosen:
            summary = summarize(chosen)
            cells = [_cell(summary[name].mean_error) for name in ("PI", "PT", "SS", "LL")]
            rows.append(f"| {verdict} | {len(chosen)} | " + " | ".join(cells) + " |")
    return rows


def _landmarks(films: Sequence[Seen], measured: Sequence[Measurement]) -> str:
    """Share of landmarks within the radius that should hold nine of ten, from their deviations."""
    shares = [landmark_shares(one, film.film.truth) for one, film in zip(measured, films, strict=True)]
    held = {kind: np.mean([share < 1 for one in shares for share in one[kind]]) for kind in shares[0]}
    told = ", ".join(f"{kind} {share:.0%}" for kind, share in held.items())
    return f"Landmarks within the radius that should hold 90 %: {told}."


def pixels_checked(films: Sequence[Seen], temperature: float) -> list[str]:
    scores = torch.from_numpy(np.concatenate([film.film.pixels[0] for film in films])).T
    truth = np.concatenate([film.film.pixels[1] for film in films])
    rows = ["| temperature | log loss | expected calibration error |", "|---|---|---|"]
    for value in (1.0, temperature):
        soft = softened(scores, value).numpy()
        sure, right = soft.max(axis=0), soft.argmax(axis=0) == truth
        bins = np.minimum((sure * 15).astype(int), 14)
        error = sum(abs(float((sure - right)[bins == b].sum())) for b in range(15)) / len(sure)
        loss = -np.log(np.maximum(soft[truth, np.arange(len(truth))], 1e-9)).mean()
        rows.append(f"| {value:.2f} | {loss:.4f} | {100 * error:.2f} % |")
    return rows


def real_films(predictor: Predictor) -> list[str]:
    """Doctors' values and intervals; three films prove nothing, but may contradict."""
    if not real.DATA.is_dir():
        return ["The real films are not here."]
    rows, held = ["| film | parameter | found | 90 % interval | doctors | holds |", "|---|---|---|---|---|---|"], []
    for name, reference in real.references().items():
        film = read_film(next((real.DATA / "films_dev").glob(f"{name}.*")))
        measurement = inspect_film(film, predictor).measurement
        for parameter in real.PARAMETERS:
            value, truth = measurement.parameters[parameter], reference.parameters.get(parameter)
            if value.value is None or value.interval_90 is None or truth is None:
                continue
            low, high = value.interval_90
            held.append(low <= truth <= high)
            cells = [f"{value.value:.1f}", f"{low:.1f} to {high:.1f}", f"{truth:.1f}", "yes" if held[-1] else "**no**"]
            rows.append(f"| {name} | {parameter} | " + " | ".join(cells) + " |")
    return [
        *rows,
        "",
        f"{sum(held)} of {len(held)} intervals hold the doctors' value (read off pictures, to about 1 degree).",
    ]


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _share(share: float | None, judged: bool) -> str:
    text = "-" if share is None else f"{share:.0%}"
    return f"**{text}**" if judged and share is not None and not GOAL[0] <= share <= GOAL[1] else text


def report(films: Sequence[Seen], predictor: Predictor, checkpoint: Path) -> list[str]:
    constants = ", ".join(f"{name} {value:g}" for name, value in predictor.definitions.calibration.items())
    simulator = configuration_digest(load_simulator_config())[:16]
    digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()[:16]
    name = checkpoint.stem
    return [
        f"# Calibration of `{name}`",
        "",
        f"Written by `python benchmarks/calibration.py{'' if name == DEFAULT else f' {name}'}`. Model file {digest};",
        f"simulator {simulator}. Fitted on as many simulated films of seeds from {FIT_SEED}, checked on {len(films)}",
        f"from {CHECK_SEED}, every other one displayed badly (configs/simulator_adverse.yaml). Not for clinical use.",
        "",
        f"Constants: {constants}.",
        "",
        "## 90 % intervals on simulated films",
        "",
        f"Errors and half widths in degrees (LDI in %). Goal: {GOAL[0]:.0%} to {GOAL[1]:.0%} of all; bold: missed.",
        "Were it not calibrated: with the constants of configs/calibration.yaml.",
        "",
        *checked(films, predictor.definitions),
        "",
        "## Pixels",
        "",
        *pixels_checked(films, predictor.definitions.calibration["temperature"]),
        "",
        "## Real development films",
        "",
        *real_films(predictor),
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", nargs="?", choices=shipped_models(), default=DEFAULT)
    parser.add_argument("--check", action="store_true", help="check what the model file says, write nothing")
    parser.add_argument("--films", type=int, default=FILMS, help="films to fit on, and to check on")
    given = parser.parse_args()
    checkpoint = shipped_model(given.network)
    if not given.check:
        predictor = Predictor(checkpoint)
        films = [seen.film for seen in looked_at(range(FIT_SEED, FIT_SEED + given.films), predictor)]
        # Not from the constants of before: the same films give the same calibration, however often.
        found = fit_calibration(films, default_definitions())
        if found.unfitted:
            print("The films tell too little of", ", ".join(found.unfitted))
        save_model(replace(predictor.model, calibration=found.constants), checkpoint)
    predictor = Predictor(checkpoint)
    text = "\n".join(report(looked_at(range(CHECK_SEED, CHECK_SEED + given.films), predictor), predictor, checkpoint))
    print(text)
    if not given.check:
        name = "calibration.md" if given.network == DEFAULT else f"calibration_{given.network}.md"
        (ROOT / "benchmarks" / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
