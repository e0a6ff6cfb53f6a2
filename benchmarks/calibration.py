"""Calibrates the default network's uncertainties on simulated films and checks them on others.

python benchmarks/calibration.py                  # fits, writes configs/calibration.yaml and benchmarks/calibration.md
python benchmarks/calibration.py --check          # checks what configs/calibration.yaml says, writes nothing
"""

from __future__ import annotations

import argparse
import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import real_films as real
import torch
from rich.progress import track
from sagittal.anatomy import Body, EndPlate, Landmarks, ParameterValue, Point, measure_mask
from sagittal.anatomy.definitions import Definitions, default_definitions
from sagittal.anatomy.fusion import LEAST_HEIGHT, NEAR, recut_sacrum, with_gains
from sagittal.anatomy.measurement import Measurement
from sagittal.anatomy.uncertainty import with_intervals
from sagittal.configuration.compile import compile_definitions
from sagittal.evaluation.measuring import MeasurementScore, score_measurement, summarize
from sagittal.films import Film, read_film
from sagittal.inference import Predictor, inspect_film, shipped_model
from sagittal.inference.landmark_peaks import LandmarkPeak, grid_deviation, peak_group
from sagittal.inference.predictor import softened
from sagittal.inference.preparation import prepare_film
from sagittal.simulator import load_simulator_config, simulate_film
from sagittal.simulator.dataset import configuration_digest
from scipy import optimize, special

ROOT = Path(__file__).parents[1]
CALIBRATION = ROOT / "configs" / "calibration.yaml"
# Seeds of the films to fit and to check on, half of each as usual, half displayed as badly as films come.
FIT_SEED, CHECK_SEED, FILMS = 910_000, 911_000, 60
PIXELS = 1500  # of each film, for the temperature
# Errors have longer tails than a normal distribution: Student's with so many degrees of freedom.
FREEDOM = 4.0
# A gain beyond it, or below its inverse, is no calibration: it stays 1, and the check shows it.
LARGEST_GAIN = 20.0
GOAL = (0.86, 0.94)
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """What the network sees on a film, and the truth.

    `pixels` are class scores (N, C) at random pixels of the network's grid and the true class of each (N,).
    """

    mask: npt.NDArray[np.uint8]
    peaks: tuple[LandmarkPeak, ...]
    pixels: tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]
    landmarks: Landmarks
    parameters: Mapping[str, ParameterValue]
    label_map: npt.NDArray[np.uint8]


def adverse(seed: int) -> bool:
    """Every other film is displayed badly."""
    return seed % 2 == 1


def look_at(seed: int, predictor: Predictor) -> Seen:
    config = load_simulator_config(ROOT / "configs" / "simulator_adverse.yaml" if adverse(seed) else None)
    simulated = simulate_film(config, seed)
    prediction = predictor.predict(simulated.film)
    return Seen(
        prediction.class_mask,
        prediction.landmarks,
        _pixels(predictor, simulated.film, simulated.class_mask, seed),
        simulated.landmarks,
        simulated.parameters,
        simulated.label_map,
    )


def _pixels(
    predictor: Predictor, film: Film, truth: npt.NDArray[np.uint8], seed: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    scores = predictor.scores(film)
    _, letterbox = prepare_film(film, predictor.model.input_size)
    label = letterbox.place_label(torch.from_numpy(truth)[None])[0].numpy()
    (top, left), (rows, columns) = letterbox.offset, letterbox.inner
    rng = np.random.default_rng(seed)
    y, x = top + rng.integers(0, rows, PIXELS), left + rng.integers(0, columns, PIXELS)
    return scores[:, y, x].T.numpy(), label[y, x].astype(np.int64)


def looked_at(seeds: range, predictor: Predictor) -> list[Seen]:
    return [look_at(seed, predictor) for seed in track(seeds, description="films")]


# --- fits ---------------------------------------------------------------------------------------------------------


def fit_temperature(films: Sequence[Seen]) -> float:
    """The temperature at which the true classes are likeliest (Guo 2017)."""
    scores = torch.from_numpy(np.concatenate([film.pixels[0] for film in films])).T
    truth = np.concatenate([film.pixels[1] for film in films])

    def surprise(temperature: float) -> float:
        return -float(softened(scores, temperature)[truth, np.arange(len(truth))].clamp(min=1e-9).log().mean())

    return float(optimize.minimize_scalar(surprise, bounds=(0.3, 5.0), method="bounded").x)


def fit_peaks(films: Sequence[Seen], group: str) -> tuple[float, float]:
    """Deviation and power of the peaks of a group: pixels of the network's grid."""
    pairs = [pair for film in films for pair in peak_errors(film, group)]
    heights, errors = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])

    def surprise(unknown: Array) -> float:
        deviation = np.exp(unknown[0]) * heights ** -unknown[1]
        return float((2 * np.log(deviation) + _student((errors / deviation) ** 2, 2)).mean())

    found = optimize.minimize(surprise, np.array([0.0, 1.0]), method="Nelder-Mead").x
    return float(np.exp(found[0])), float(np.clip(found[1], 0.0, 3.0))


def peak_errors(film: Seen, group: str) -> Iterator[tuple[float, float]]:
    """Height and error, in pixels of the network's grid, of the peak nearest to each true landmark of a group."""
    calibration = default_definitions().calibration
    for kind, point, reach in true_points(film.landmarks):
        peaks = [peak for peak in film.peaks if peak.kind == kind and peak_group(kind) == group]
        if not peaks:
            continue
        peak = min(peaks, key=lambda peak: np.hypot(peak.x - point[0], peak.y - point[1]))
        apart = float(np.hypot(peak.x - point[0], peak.y - point[1]))
        pixel = np.linalg.det(peak.covariance) ** 0.25 / grid_deviation(kind, peak.height, calibration)
        if apart < reach:
            yield peak.height, apart / pixel


def true_points(landmarks: Landmarks) -> Iterator[tuple[str, tuple[float, float], float]]:
    """Kind, point and how far a peak may lie to be meant by it; film pixels."""
    depth = _depth(landmarks)
    for body in landmarks.bodies.values():
        for corner in fields(Body):
            yield corner.name, getattr(body, corner.name), 0.25 * depth
    if landmarks.s1:
        yield "s1_anterior", landmarks.s1.anterior, 0.4 * depth
        yield "s1_posterior", landmarks.s1.posterior, 0.4 * depth
    for head in landmarks.femoral_heads:
        yield "femoral_head", head.center, 0.9 * head.radius


def fit_mask(films: Sequence[Seen]) -> dict[str, float]:
    """Deviations of the mask's own landmarks, by the height of the network's peaks."""
    errors: dict[str, list[tuple[float, float, float]]] = {"corner": [], "s1": []}
    heads: list[float] = []
    for film in films:
        mask = recut_sacrum(film.mask, film.peaks, 1.0, default_definitions())
        found = measure_mask(mask, anterior=film.landmarks.anterior).landmarks
        for kind, side, plate, truth in _plates(found, film.landmarks):
            errors[kind] += _plate_errors(film, side, plate, truth)
        for head in found.femoral_heads:
            apart = [np.subtract(head.center, true.center) / head.radius for true in film.landmarks.femoral_heads]
            nearest = min(apart, key=lambda a: float(np.linalg.norm(a)), default=None)
            if nearest is not None and np.linalg.norm(nearest) < 0.9:
                heads += nearest.tolist()
    constants = {"mask_head": _scales(np.array(heads)[:, None], np.ones(len(heads)))[0][0]}
    for kind, rows in errors.items():
        values = np.array(rows)
        (along, across), power = _scales(values[:, :2], values[:, 2])
        constants |= {f"mask_{kind}_along": along, f"mask_{kind}_across": across, f"mask_{kind}_power": power}
    return constants


def _plates(found: Landmarks, truth: Landmarks) -> Iterator[tuple[str, str, EndPlate, EndPlate]]:
    for name in found.bodies.keys() & truth.bodies.keys():
        for side in ("superior", "inferior"):
            yield "corner", side, getattr(found.bodies[name], side), getattr(truth.bodies[name], side)
    if found.s1 and truth.s1:
        yield "s1", "s1", found.s1, truth.s1


def _plate_errors(film: Seen, side: str, plate: EndPlate, truth: EndPlate) -> Iterator[tuple[float, float, float]]:
    """Errors of both ends along and across the true plate, in body depths, and the height of the peak there."""
    depth = _depth(film.landmarks)
    direction = np.subtract(truth.posterior, truth.anterior)
    direction = direction / np.linalg.norm(direction)
    for end in ("anterior", "posterior"):
        point = getattr(plate, end)
        offset = np.subtract(point, getattr(truth, end)) / depth
        peaks = [peak for peak in film.peaks if peak.kind == f"{side}_{end}"]
        apart = [np.hypot(peak.x - point[0], peak.y - point[1]) for peak in peaks]
        # As in the fusion: the nearest peak for a body's corner, the highest for S1.
        k = int(np.argmax([peak.height for peak in peaks]) if side == "s1" else np.argmin(apart)) if peaks else None
        if k is not None and np.linalg.norm(offset) < 0.4 and (side == "s1" or apart[k] < NEAR * depth):
            across = float(offset @ np.array([-direction[1], direction[0]]))
            yield float(offset @ direction), across, max(peaks[k].height, LEAST_HEIGHT)


def _scales(errors: Array, heights: Array) -> tuple[list[float], float]:
    """Scales of the columns of errors (N, K) and one power of the heights (N,), at which they are likeliest."""
    columns = errors.shape[1]

    def surprise(unknown: Array) -> float:
        scales = np.exp(unknown[:columns]) * heights[:, None] ** -unknown[columns]
        return float((np.log(scales) + _student((errors / scales) ** 2, 1)).sum(axis=1).mean())

    start = np.append(np.full(columns, -3.0), 1.0)
    found = optimize.minimize(surprise, start, method="Nelder-Mead", options={"maxiter": 2000}).x
    return [float(np.exp(value)) for value in found[:columns]], float(np.clip(found[columns], 0.0, 3.0))


def _student(squared: Array, dimensions: int) -> Array:
    return np.asarray((FREEDOM + dimensions) / 2 * np.log1p(squared / FREEDOM))


def landmark_gain(films: Sequence[Seen], definitions: Definitions) -> float:
    """By how much the deviations of landmarks are short, so that nine of ten lie where they say."""
    apart = [share for film in films for shares in landmark_shares(film, definitions).values() for share in shares]
    return float(np.quantile(apart, 0.9))


def landmark_shares(film: Seen, definitions: Definitions) -> dict[str, list[float]]:
    """Distances of found from true landmarks, as shares of the radius that should hold nine of ten."""
    measurement = measure_seen(film, definitions)
    assert measurement.uncertainty is not None
    deviations, found, truth = measurement.uncertainty.landmarks, measurement.landmarks, film.landmarks
    pairs: dict[str, list[tuple[Point, Point, str]]] = {"corners": [], "ends of S1": [], "centres of heads": []}
    for name in found.bodies.keys() & truth.bodies.keys():
        for corner in (field.name for field in fields(Body)):
            ends = (getattr(found.bodies[name], corner), getattr(truth.bodies[name], corner))
            pairs["corners"].append((*ends, f"{name} {corner}"))
    if found.s1 and truth.s1:
        for end in ("anterior", "posterior"):
            pairs["ends of S1"].append((getattr(found.s1, end), getattr(truth.s1, end), f"S1 {end}"))
    for k, head in enumerate(found.femoral_heads, start=1):
        nearest = min(truth.femoral_heads, key=lambda true: math.dist(true.center, head.center), default=None)
        if nearest is not None:
            pairs["centres of heads"].append((head.center, nearest.center, f"femoral_head_{k}"))
    # The radius of a round normal distribution in the plane.
    radius = math.sqrt(-2 * math.log(0.1))
    return {
        kind: [math.dist(first, second) / (radius * deviations[name]) for first, second, name in of_kind]
        for kind, of_kind in pairs.items()
    }


def fit_gains(films: Sequence[Seen], definitions: Definitions) -> dict[str, float]:
    """By how much the deviations of what is fused are short, so that nine intervals of ten hold the truth."""
    measured = [(measure_seen(film, definitions), film.parameters) for film in films]
    gains = dict(definitions.calibration)
    for gain, names in GAINED.items():
        shortfall = partial(_shortfall, measured, names, gains, gain, definitions)
        enough = shortfall(LARGEST_GAIN) < 0 < shortfall(1 / LARGEST_GAIN)
        gains[gain] = float(optimize.brentq(shortfall, 1 / LARGEST_GAIN, LARGEST_GAIN, xtol=0.01)) if enough else 1.0
    return {gain: gains[gain] for gain in GAINED}


# Which parameters each gain is fitted on, in this order: the later ones rest on the earlier ones.
GAINED = {
    "s1_gain": ("SS",),
    "tilt_gain": ("PT",),
    "body_gain": ("L2", "L3", "L4", "L1L2", "L2L3", "L3L4", "L4L5"),
    "l5_gain": ("L5", "L5S1"),
    "l1_gain": ("L1", "LL"),
}


def _shortfall(
    measured: Sequence[tuple[Measurement, Mapping[str, ParameterValue]]],
    names: Sequence[str],
    gains: Mapping[str, float],
    gain: str,
    definitions: Definitions,
    value: float,
) -> float:
    """0.9 less the share of intervals that hold the truth with this value of a gain, smoothed."""
    apart = []
    for measurement, truth in measured:
        assert measurement.uncertainty is not None
        wider = with_gains(measurement.uncertainty, {**gains, gain: value})
        found = with_intervals(measurement.parameters, wider, definitions)
        for name in names:
            true, interval, own = truth[name].value, found[name].interval_90, found[name].value
            if true is not None and own is not None and interval is not None:
                apart.append(abs(own - true) / max((interval[1] - interval[0]) / 2, 1e-9))
    # A smooth step: the share would jump from film to film.
    return 0.9 - float(special.expit((1 - np.array(apart)) * 20).mean())


# --- measuring ----------------------------------------------------------------------------------------------------


def measure_seen(film: Seen, definitions: Definitions) -> Measurement:
    """The measurement with other constants than the configured ones."""
    seen = [recalibrated(peak, definitions) for peak in film.peaks]
    return measure_mask(film.mask, seen=seen, definitions=definitions)


def recalibrated(peak: LandmarkPeak, definitions: Definitions) -> LandmarkPeak:
    old, new = (grid_deviation(peak.kind, peak.height, d.calibration) for d in (default_definitions(), definitions))
    covariance = np.asarray(peak.covariance) * (new / old) ** 2
    return replace(peak, covariance=tuple(map(tuple, covariance.tolist())))


def calibrated(films: Sequence[Seen]) -> Definitions:
    """The definitions with every constant fitted."""
    constants = dict(default_definitions().calibration)
    constants["temperature"] = fit_temperature(films)
    for group in ("corner", "s1", "head"):
        constants[f"{group}_deviation"], constants[f"{group}_power"] = fit_peaks(films, group)
    constants |= fit_mask(films)
    constants |= dict.fromkeys((*GAINED, "landmark_gain"), 1.0)
    definitions = replace(default_definitions(), calibration=constants)
    constants |= fit_gains(films, definitions)
    constants["landmark_gain"] = landmark_gain(films, definitions)
    return replace(definitions, calibration={name: float(f"{value:.4g}") for name, value in constants.items()})


def _depth(landmarks: Landmarks) -> float:
    bodies = landmarks.bodies.values()
    return float(np.median([np.linalg.norm(np.subtract(b.superior_anterior, b.superior_posterior)) for b in bodies]))


# --- report -------------------------------------------------------------------------------------------------------


def checked(films: Sequence[Seen], definitions: Definitions) -> list[str]:
    """By parameter: errors and coverage, on the films displayed as usual, badly, and on all."""
    measured = [measure_seen(film, definitions) for film in films]
    scores = [score_measurement(m, f.label_map, f.parameters) for m, f in zip(measured, films, strict=True)]
    groups = [summarize(scores[0::2]), summarize(scores[1::2]), summarize(scores)]
    rows = [
        "| parameter | MAE usual | MAE adverse | median half width | held, usual | held, adverse | held, all |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in definitions.parameters:
        usual, bad, every = (group[name] for group in groups)
        widths = [(i[1] - i[0]) / 2 for m in measured if (i := m.parameters[name].interval_90) is not None]
        cells = [_cell(usual.mean_error), _cell(bad.mean_error), _cell(float(np.median(widths)))]
        cells += [_share(usual.coverage, False), _share(bad.coverage, False), _share(every.coverage, True)]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    verdicts = [m.quality.verdict for m in measured]
    counts = ", ".join(f"{verdict} {verdicts.count(verdict)}" for verdict in sorted(set(verdicts)))
    return [*rows, "", f"Verdicts: {counts}.", "", *_by_verdict(measured, scores), "", _landmarks(films, definitions)]


def _by_verdict(measured: Sequence[Measurement], scores: Sequence[MeasurementScore]) -> list[str]:
    rows = ["| verdict | films | MAE PI | PT | SS | LL |", "|---|---|---|---|---|---|"]
    for verdict in ("measurable", "measurable with caution", "not measurable"):
        chosen = [s for m, s in zip(measured, scores, strict=True) if m.quality.verdict == verdict]
        if chosen:
            summary = summarize(chosen)
            cells = [_cell(summary[name].mean_error) for name in ("PI", "PT", "SS", "LL")]
            rows.append(f"| {verdict} | {len(chosen)} | " + " | ".join(cells) + " |")
    return rows


def _landmarks(films: Sequence[Seen], definitions: Definitions) -> str:
    """Share of landmarks within the radius that should hold nine of ten, from their deviations."""
    shares = [landmark_shares(film, definitions) for film in films]
    held = {kind: np.mean([share < 1 for one in shares for share in one[kind]]) for kind in shares[0]}
    told = ", ".join(f"{kind} {share:.0%}" for kind, share in held.items())
    return f"Landmarks within the radius that should hold 90 %: {told}."


def pixels_checked(films: Sequence[Seen], temperature: float) -> list[str]:
    scores = torch.from_numpy(np.concatenate([film.pixels[0] for film in films])).T
    truth = np.concatenate([film.pixels[1] for film in films])
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


def write_constants(constants: Mapping[str, float]) -> None:
    """Into the YAML as it stands, so that its comments stay."""
    text = CALIBRATION.read_text(encoding="utf-8")
    for name, value in constants.items():
        text = re.sub(rf"(?m)^  {name}: .*$", f"  {name}: {value:g}", text)
    CALIBRATION.write_text(text, encoding="utf-8")
    definitions = ROOT / "lib" / "sagittal" / "anatomy" / "definitions.json"
    compile_definitions(CALIBRATION.parent, definitions)
    default_definitions.cache_clear()


def report(films: Sequence[Seen], definitions: Definitions, predictor: Predictor) -> list[str]:
    constants = ", ".join(f"{name} {value:g}" for name, value in definitions.calibration.items())
    simulator = configuration_digest(load_simulator_config())[:16]
    digest = hashlib.sha256(shipped_model("spine").read_bytes()).hexdigest()[:16]
    return [
        "# Calibration of the default network",
        "",
        f"Written by `python benchmarks/calibration.py`. Weights {digest}; simulator {simulator}.",
        f"Fitted on as many simulated films of seeds from {FIT_SEED}, checked on {len(films)} from {CHECK_SEED},",
        "every other one displayed badly (configs/simulator_adverse.yaml). Not for clinical use.",
        "",
        f"Constants: {constants}.",
        "",
        "## 90 % intervals on simulated films",
        "",
        f"Errors and half widths in degrees (LDI in %). Goal: {GOAL[0]:.0%} to {GOAL[1]:.0%} of all; bold: missed.",
        "",
        *checked(films, definitions),
        "",
        "## Pixels",
        "",
        *pixels_checked(films, definitions.calibration["temperature"]),
        "",
        "## Real development films",
        "",
        *real_films(predictor),
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="check the configured constants, write nothing")
    parser.add_argument("--films", type=int, default=FILMS, help="films to fit on, and to check on")
    given = parser.parse_args()
    predictor = Predictor(shipped_model("spine"))
    if not given.check:
        write_constants(calibrated(looked_at(range(FIT_SEED, FIT_SEED + given.films), predictor)).calibration)
    films = looked_at(range(CHECK_SEED, CHECK_SEED + given.films), predictor)
    text = "\n".join(report(films, default_definitions(), predictor))
    print(text)
    if not given.check:
        (ROOT / "benchmarks" / "calibration.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
