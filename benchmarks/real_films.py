"""Measures the models and the anatomy on the real development films and writes benchmarks/real_films.md.

Needs ../shared/data, whose films may not be shipped. An absent value that the reference has counts as a failure.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from sagittal.anatomy import Body, Circle, EndPlate, Landmarks, measure_mask, parameters_from_landmarks
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.measurement import Measurement
from sagittal.evaluation.metrics import confusion_matrix, segmentation_scores
from sagittal.films import Film, read_film, read_mask
from sagittal.inference import Predictor, inspect_film, inspect_mask, shipped_model
from sagittal.report import write_inspection
from scipy import ndimage

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
MODELS = ("spine", "bilunet", "mbnet")
PARAMETERS = ("PI", "PT", "SS", "LL", "L4S1")
SEED_FITTING = {"PI": 3.5, "PT": 1.7, "SS": 5.1, "LL": 4.1, "L4S1": 4.2}
Mask = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Reference:
    """The doctors' marks on a film, as landmarks, and the parameters that follow from them."""

    landmarks: Landmarks
    parameters: Mapping[str, float]


def references() -> dict[str, Reference]:
    """a1 and a2: corners, S1, heads; b1: corner polygons and the S1 plate, no heads."""
    content = json.loads((DATA / "films_dev" / "reference.json").read_text(encoding="utf-8"))
    found = {name.split(".")[0]: _annotated(entry) for name, entry in content.items() if "levels" in entry}
    found["b1"] = _polygons(content["b1.jpg"])
    return found


def _annotated(entry: dict) -> Reference:  # type: ignore[type-arg]
    bodies = {
        name: Body(*(tuple(corners[key]) for key in ("sup_ant", "sup_post", "inf_ant", "inf_post")))
        for name, corners in entry["levels"].items()
    }
    s1 = EndPlate(tuple(entry["S1"]["sup_ant"]), tuple(entry["S1"]["sup_post"]))
    heads = tuple(Circle((head["cx"], head["cy"]), head["r"]) for head in entry["femoral_heads"])
    return _reference(Landmarks(bodies, s1, heads, "left"))


def _polygons(entry: dict) -> Reference:  # type: ignore[type-arg]
    *bodies, sacrum = entry["polygons_L1_to_S1"]
    corners = {}
    for number, polygon in enumerate(bodies, start=1):
        upper, lower = sorted(polygon, key=lambda point: point[1])[:2], sorted(polygon, key=lambda point: point[1])[2:]
        # The patient faces right: the anterior corner has the larger x.
        (superior_posterior, superior_anterior), (inferior_posterior, inferior_anterior) = sorted(upper), sorted(lower)
        corners[f"L{number}"] = Body(
            tuple(superior_anterior), tuple(superior_posterior), tuple(inferior_anterior), tuple(inferior_posterior)
        )
    posterior, anterior = sorted(sacrum[:2])
    return _reference(Landmarks(corners, EndPlate(tuple(anterior), tuple(posterior)), (), "right"))


def _reference(landmarks: Landmarks) -> Reference:
    values = {name: found.value for name, found in parameters_from_landmarks(landmarks).items()}
    return Reference(landmarks, {name: value for name, value in values.items() if value is not None})


def authors_mask(name: str, shape: tuple[int, int]) -> Mask:
    """The published network output for a film as class ids; a3's is resampled from its larger picture."""
    if name == "a3":
        return _coloured_mask(DATA / "masks_authors" / "0271_o_seg.png", shape)
    return read_mask(DATA / "films_dev" / f"{name}_authors_mask.png", shape)


def _coloured_mask(path: Path, shape: tuple[int, int]) -> Mask:
    """Red vertebra, green sacrum, blue and cyan heads; edge colours are interpolated, hence the threshold."""
    picture = Image.open(path).convert("RGB").resize((shape[1], shape[0]), Image.Resampling.NEAREST)
    red, green, blue = (np.asarray(picture)[..., channel] > 127 for channel in range(3))
    mask = np.zeros(shape, np.uint8)
    mask[red & ~green & ~blue], mask[green & ~red & ~blue] = 1, 2
    mask[blue & ~green], mask[blue & green] = 3, 4
    return mask


def intersection_over_union(found: Mask, truth: Mask) -> dict[str, float | None]:
    """IoU of vertebrae (only below the top of L1 of the authors' mask), sacrum and both heads as one."""
    bodies = measure_mask(truth).landmarks.bodies
    top = int(min(bodies["L1"].superior_anterior[1], bodies["L1"].superior_posterior[1])) if "L1" in bodies else 0
    scores = segmentation_scores(confusion_matrix(truth[top:], found[top:], len(default_definitions().classes)))
    return {name: scores[f"iou_{name}"] for name in ("vertebra", "sacrum", "femoral_heads")}


def errors(measurement: Measurement, reference: Reference) -> dict[str, float | None]:
    """Absolute error per parameter that the reference has; None where the measurement lacks it."""
    found = measurement.parameters
    return {
        name: None if (value := found[name].value) is None else abs(value - truth)
        for name, truth in reference.parameters.items()
        if name in PARAMETERS
    }


def corner_error(measurement: Measurement, reference: Reference) -> float | None:
    """Mean distance of the corners of the levels that were found, in shares of the body's depth."""
    distances = []
    shared = [name for name in reference.landmarks.bodies if name in measurement.landmarks.bodies]
    for name in shared:
        truth, found = reference.landmarks.bodies[name], measurement.landmarks.bodies[name]
        depth = np.linalg.norm(np.subtract(truth.superior_anterior, truth.superior_posterior))
        distances += [np.linalg.norm(a - b) / depth for a, b in zip(_corners(truth), _corners(found), strict=True)]
    return float(np.mean(distances)) if distances else None


def number(value: float | None, digits: int = 1) -> str:
    return "**absent**" if value is None else f"{value:.{digits}f}"


def fitting_table(films: Mapping[str, Film], known: Mapping[str, Reference]) -> list[str]:
    rows = ["| film | " + " | ".join(PARAMETERS) + " |", "|---|" + "---|" * len(PARAMETERS)]
    found = []
    for name in ("a1", "a2"):
        measurement = inspect_mask(films[name], authors_mask(name, films[name].shape)).measurement
        found.append(errors(measurement, known[name]))
        rows.append(f"| {name} | " + " | ".join(number(found[-1][p]) for p in PARAMETERS) + " |")
    means = {p: _mean([film[p] for film in found]) for p in PARAMETERS}
    rows.append("| mean | " + " | ".join(number(means[p]) for p in PARAMETERS) + " |")
    rows.append("| the seed's fitting | " + " | ".join(f"{SEED_FITTING[p]:.1f}" for p in PARAMETERS) + " |")
    return rows


def mask_faults(name: str, film: Film, reference: Reference) -> str:
    """How far the authors' sacrum itself is from the doctors' S1 plate: what no fitting can make good."""
    sacrum = authors_mask(name, film.shape) == 2
    plate = reference.landmarks.s1
    assert plate is not None
    anterior, posterior = np.array(plate.anterior), np.array(plate.posterior)
    along = posterior - anterior
    length = float(np.linalg.norm(along))
    cranial = np.array([along[1], -along[0]]) / length
    cranial = cranial if cranial[1] < 0 else -cranial
    shares, heights = np.linspace(0.2, 0.9, 15), np.linspace(0.4, -0.4, 161) * length
    edge = []
    for share in shares:
        x, y = np.rint((anterior + share * along)[:, None] + cranial[:, None] * heights).astype(int)
        inside = sacrum[y, x]
        edge.append(heights[int(inside.argmax())] if inside.any() else np.nan)
    tilt = np.degrees(np.arctan(np.polyfit(shares * length, edge, 1)[0]))
    outside = ndimage.distance_transform_edt(~sacrum)
    missed = [100 * outside[round(end[1]), round(end[0])] / length for end in (anterior, posterior)]
    return (
        f"- {name}: the mask's own upper edge is turned by {tilt:+.1f} degrees (+: its posterior end up) against the "
        f"doctors' S1 plate, whose anterior end lies {missed[0]:.0f} % and whose posterior end {missed[1]:.0f} % of "
        "its length outside the mask."
    )


def _mean(values: list[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return float(np.mean(present)) if len(present) == len(values) else None


def model_tables(model: str, films: Mapping[str, Film], known: Mapping[str, Reference], out: Path) -> list[str]:
    predictor = Predictor(shipped_model(model))
    overlap = ["| film | vertebra | sacrum | heads (merged) |", "|---|---|---|---|"]
    angles = [
        "| film | levels named right | corner error / depth | " + " | ".join(PARAMETERS) + " |",
        "|---|---|---|" + "---|" * len(PARAMETERS),
    ]
    remarks = []
    for name, film in films.items():
        inspection = inspect_film(film, predictor)
        write_inspection(inspection, out / model)
        if name != "b1":
            mask = predictor.predict(film).class_mask
            scores = intersection_over_union(mask, authors_mask(name, film.shape))
            overlap.append(f"| {name} | " + " | ".join(number(score, 2) for score in scores.values()) + " |")
        if name in known:
            found = errors(inspection.measurement, known[name])
            distance, levels = _levels_right(inspection.measurement, known[name])
            cells = [number(found[p]) if p in found else "-" for p in PARAMETERS]
            angles.append(f"| {name} | {levels} of 5 | {number(distance, 2)} | " + " | ".join(cells) + " |")
        for parameter in ("PI", "PT"):
            value = inspection.measurement.parameters[parameter]
            if name == "b1":
                said = (
                    f"absent: {value.reason}" if value.value is None else f"**{value.value:.1f}, but must be absent**"
                )
                remarks.append(f"- b1 {parameter}: {said}")
    return [f"### `{model}`", "", *overlap, "", *angles, "", *remarks, ""]


def _levels_right(measurement: Measurement, reference: Reference) -> tuple[float | None, int]:
    """Corner error, and how many levels have their centre within half a body of the reference's."""
    distance = corner_error(measurement, reference)
    right = 0
    for name, truth in reference.landmarks.bodies.items():
        found = measurement.landmarks.bodies.get(name)
        if found is not None:
            depth = np.linalg.norm(np.subtract(truth.superior_anterior, truth.superior_posterior))
            right += bool(np.linalg.norm(_corners(truth).mean(axis=0) - _corners(found).mean(axis=0)) < 0.5 * depth)
    return distance, right


def _corners(body: Body) -> npt.NDArray[np.float64]:
    return np.array([body.superior_anterior, body.superior_posterior, body.inferior_anterior, body.inferior_posterior])


def main() -> None:
    if not DATA.is_dir():
        sys.exit(f"{DATA} is not here: the real films may not be shipped, so there is nothing to measure")
    films = {name: read_film(next((DATA / "films_dev").glob(f"{name}.*"))) for name in ("a1", "a2", "a3", "b1")}
    known = references()
    out = ROOT / "runs" / "real_films"
    lines = [
        "# Real development films",
        "",
        "Written by `python benchmarks/real_films.py`. Not for clinical use. The films were never trained on; the",
        "authors' masks are themselves predictions of a network, the doctors' marks were read off published pictures",
        "(about 1 degree). Errors are absolute, in degrees; an absent value that the reference has is a failure.",
        "",
        "## Anatomy on the authors' masks (no network)",
        "",
        *fitting_table(films, known),
        "",
        "Where the mask and not the fit is at fault (SS, and PI and LL with it):",
        "",
        *(mask_faults(name, films[name], known[name]) for name in ("a1", "a2")),
        "",
        "## Film to table with the shipped models",
        "",
        "IoU against the authors' masks (vertebrae below the top of L1, heads merged); errors against",
        "the doctors' marks.",
        "",
    ]
    for model in MODELS:
        lines += model_tables(model, films, known, out)
    (ROOT / "benchmarks" / "real_films.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    print(f"Overlays: {out}")


if __name__ == "__main__":
    main()
