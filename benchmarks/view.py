"""Measures the view check on simulated and real films and on other pictures; writes benchmarks/view.md.

The simulated pictures are of seeds that the check was not fitted on. Real films, slices and photographs were never
fitted on either. What needs ../shared/data is left out where that is absent.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import skimage
from pydicom import dcmread
from sagittal.films import read_film
from sagittal.simulator import load_simulator_config
from sagittal.simulator.ct import CtPose, load_label_schemes, project_ct, read_ct
from sagittal.simulator.exposure import expose
from sagittal.simulator.materials import Materials
from sagittal.training.view import TURNS, view_samples
from sagittal.view import KINDS, LATERAL, View, kinds
from sagittal.view.classifier import ViewClassifier
from sagittal.view.kinds import CLEAR_FROM, DOUBTED_BELOW
from sagittal.view.look import FeatureExtractor, ViewCheck
from sagittal.view.picture import Picture

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
# Seeds on which nothing was fitted.
HELD_OUT = range(950_000, 950_040)
LATERAL_FILMS = ("a1.png", "a2.png", "a3.png", "b1.jpg", "c1_overlay.jpg")
RADIOGRAPHS = {"RG1_JLSN": "chest", "RG2_J2KR": "hip", "RG3_J2KR": "leg", "dx_image.dcm": "chest of a dog"}
PHOTOGRAPHS = (
    *("camera.png", "astronaut.png", "coffee.png", "chelsea.png", "page.png", "text.png", "moon.png", "coins.png"),
    *("brick.png", "retina.jpg", "rocket.jpg", "phantom.png", "motorcycle_left.png", "hubble_deep_field.jpg"),
)


def real_negatives() -> Iterator[tuple[str, Picture]]:
    """Names and pictures of what is no lateral lumbar film."""
    for path in sorted((DATA / "negative").iterdir()):
        yield path.name, read_film(path).pixels
    for name, what in RADIOGRAPHS.items():
        yield f"{name} ({what})", read_film(DATA / "dicom" / name).pixels
    slice_values = dcmread(DATA / "dicom" / "CT1_RLE").pixel_array.astype(np.float32)
    low, high = np.percentile(slice_values, [0.5, 99.5])
    yield "CT1_RLE (CT slice)", np.clip((slice_values - low) / (high - low), 0, 1)


def photographs() -> Iterator[tuple[str, Picture]]:
    """Pictures and pages that ship with scikit-image."""
    for name in PHOTOGRAPHS:
        yield name, read_film(Path(skimage.__file__).parent / "data" / name).pixels


def ct_films() -> Iterator[tuple[str, Picture]]:
    """Films projected from the real CT, from the side and from the front, in three exposures each."""
    ct = read_ct(DATA / "ct" / "example_ct.nii.gz", DATA / "ct" / "labels.nii.gz")
    config = load_simulator_config().exposure
    for what, yaw in (("side", 0.0), ("front", 90.0)):
        film = project_ct(ct, load_label_schemes()["example"], replace(CtPose(), yaw=yaw), rows=400)
        for seed in range(3):
            materials = Materials(film.soft, film.bone, film.metal)
            yield what, expose(materials, 1 / film.pixel_mm, config, np.random.default_rng(seed))


def row(name: str, view: View) -> str:
    said = "doubted" if view.is_doubted else "clearly lateral" if view.is_clear else "left open"
    return f"| {name} | {view.lateral:.3f} | {view.looks_like} | {said} |"


def simulated_table() -> list[str]:
    """By kind: how many held-out pictures there are, and how many of them the check doubts."""
    extract, classifier = FeatureExtractor(), ViewClassifier.load()
    found: dict[str, list[View]] = {kind: [] for kind in KINDS}
    for seed in HELD_OUT:
        samples = list(view_samples(seed))
        for (kind, _), features in zip(samples, extract([picture for _, picture in samples]), strict=True):
            found[kind].append(classifier.view(features))
    lines = ["| simulated or drawn, held out | pictures | doubted | named right |", "|---|---|---|---|"]
    for kind, views in found.items():
        doubted, right = sum(v.is_doubted for v in views), sum(v.looks_like == kind for v in views)
        lines.append(f"| {kind} | {len(views)} | {doubted} | {right} |")
    lateral = np.array([view.lateral for view in found[LATERAL]])
    quantiles = ", ".join(f"{value:.2f}" for value in np.quantile(lateral, [0.01, 0.05, 0.5]))
    return [*lines, "", f"Probability of lateral films at their 1st, 5th and 50th percentile: {quantiles}."]


def real_tables(check: ViewCheck) -> list[str]:
    head = ["| picture | probability of lateral | looks like | |", "|---|---|---|---|"]
    lines = ["## Real lateral films", "", *head]
    films = {name: read_film(DATA / "films_dev" / name).pixels for name in LATERAL_FILMS}
    lines += [row(name, check(pixels)) for name, pixels in films.items()]
    lines += ["", "The same, turned:", "", *head]
    words = {kinds.CLOCKWISE: "clockwise", kinds.COUNTER_CLOCKWISE: "counter-clockwise", kinds.UPSIDE_DOWN: "by 180"}
    for name, pixels in films.items():
        for kind, quarters in TURNS.items():
            lines.append(row(f"{name} {words[kind]}", check(np.ascontiguousarray(np.rot90(pixels, quarters)))))
    lines += ["", "## Real pictures of other things", "", *head]
    lines += [row(name, check(pixels)) for name, pixels in real_negatives()]
    lines += ["", "## Films projected from a real CT", "", *head]
    lines += [row(f"from the {name}", check(pixels)) for name, pixels in ct_films()]
    return lines


def main() -> None:
    check = ViewCheck()
    lines = [
        "# View check",
        "",
        "Written by `python benchmarks/view.py`. Not for clinical use. A picture is doubted where the probability that",
        f"it is an upright lateral lumbar film is below {DOUBTED_BELOW}, clearly lateral from {CLEAR_FROM} on. Nothing",
        "here was fitted on; both limits and the kinds of drawn negatives were chosen with the real pictures below in",
        "view, so the figures for real negatives are optimistic.",
        "",
        "## Simulated films and drawn pictures",
        "",
        *simulated_table(),
        "",
        "## Photographs and pages (scikit-image's own)",
        "",
        "| picture | probability of lateral | looks like | |",
        "|---|---|---|---|",
        *(row(name, check(pixels)) for name, pixels in photographs()),
        "",
    ]
    if DATA.is_dir():
        lines += [*real_tables(check), ""]
    else:
        print(f"{DATA} is not here: real films are left out", file=sys.stderr)
    picture = np.random.default_rng(0).random((3408, 2035), dtype=np.float32)
    start = time.process_time()
    for _ in range(3):
        check(picture)
    lines.append(
        f"One look at a film of 3408 x 2035 pixels: {(time.process_time() - start) / 3 * 1000:.0f} ms of one core."
    )
    (ROOT / "benchmarks" / "view.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
