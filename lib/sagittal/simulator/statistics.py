"""What films look like in figures: grey levels, gradients, power spectra, contrast of plates and heads, parameters.

Works on simulated and on real films alike: a film's pixels and its landmarks are all that it needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sagittal.anatomy.landmarks import Circle, EndPlate, Landmarks
from sagittal.anatomy.parameters import parameters_from_landmarks

# Films are compared at the same scale: so many pixels are the depth of L3.
PIXELS_PER_DEPTH = 60
BINS = 8
# Bands of spatial frequency in cycles a body depth, each an octave.
BANDS = (1.0, 2.0, 4.0, 8.0, 16.0)
QUANTILES = (5, 50, 95)
Image = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FilmStatistics:
    """Of one film: figures by name, None where it does not show what they are of.

    `grey` are shares of the film's pixels in BINS equal bins of 0..1, `gradient` are quantiles of the gradient's size
    in grey levels a hundredth of a body depth, `power` shares of the power between 1 and 16 cycles a body depth, by
    octave. `contrast` are differences of grey levels: a line against both its sides, in units of the film's deviation.
    """

    grey: tuple[float, ...]
    gradient: tuple[float, ...]
    power: tuple[float, ...]
    contrast: Mapping[str, float | None]
    parameters: Mapping[str, float | None]


def film_statistics(pixels: Image, landmarks: Landmarks) -> FilmStatistics:
    """The figures of a film (rows, columns) in 0..1 that shows L3.

    Raises:
        ValueError: its landmarks lack L3, which tells the scale.
    """
    if "L3" not in landmarks.bodies:
        raise ValueError("statistics of films need the landmarks of L3, which tell the scale")
    image, zoom = _scaled(pixels, landmarks)
    deviation = max(float(image.std()), 1e-6)
    return FilmStatistics(
        grey=tuple(float(share) for share in np.histogram(image, BINS, (0, 1))[0] / image.size),
        gradient=_gradient(image),
        power=_power(image),
        contrast={
            name: None if value is None else value / deviation
            for name, value in _contrasts(image, landmarks, zoom).items()
        },
        parameters={name: found.value for name, found in parameters_from_landmarks(landmarks).items()},
    )


def _scaled(pixels: Image, landmarks: Landmarks) -> tuple[Image, float]:
    plate = landmarks.bodies["L3"].superior
    zoom = PIXELS_PER_DEPTH / float(np.hypot(*np.subtract(plate.anterior, plate.posterior)))
    rows, columns = (max(8, round(side * zoom)) for side in pixels.shape)
    way = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (columns, rows), interpolation=way), dtype=np.float32), zoom


def _gradient(image: Image) -> tuple[float, ...]:
    down, across = np.gradient(cv2.GaussianBlur(image, (0, 0), 1.0))
    size = np.hypot(down, across) * PIXELS_PER_DEPTH / 100
    return tuple(float(value) for value in np.percentile(size, QUANTILES))


def _power(image: Image) -> tuple[float, ...]:
    """Shares by octave; a window keeps the film's edges out of it."""
    rows, columns = image.shape
    window = np.hanning(rows)[:, None] * np.hanning(columns)[None]
    spectrum = np.abs(np.fft.rfft2((image - image.mean()) * window)) ** 2
    frequency = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(columns)[None]) * PIXELS_PER_DEPTH
    bands = [float(spectrum[(frequency >= low) & (frequency < 2 * low)].sum()) for low in BANDS[:-1]]
    return tuple(band / max(sum(bands), 1e-12) for band in bands)


def _contrasts(image: Image, landmarks: Landmarks, zoom: float) -> dict[str, float | None]:
    plates = [
        getattr(body, side)
        for name, body in landmarks.bodies.items()
        if name.startswith("L")
        for side in ("superior", "inferior")
    ]
    s1 = [landmarks.s1] if landmarks.s1 else []
    return {
        "end plates": _mean([_plate_contrast(image, plate, zoom) for plate in plates]),
        "S1": _mean([_plate_contrast(image, plate, zoom) for plate in s1]),
        "heads": _mean([_rim_contrast(image, head, zoom) for head in landmarks.femoral_heads]),
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _plate_contrast(image: Image, plate: EndPlate, zoom: float) -> float | None:
    """The brightest line within 0.07 depths of the plate against what lies 0.12 to 0.2 depths to both sides."""
    start, end = np.array(plate.anterior) * zoom, np.array(plate.posterior) * zoom
    along = (end - start) / max(float(np.linalg.norm(end - start)), 1e-6)
    line = start + (end - start) * np.linspace(0.15, 0.85, 40)[:, None]
    return _line_contrast(image, line, np.array([along[1], -along[0]])[None])


def _rim_contrast(image: Image, head: Circle, zoom: float) -> float | None:
    """The same of a head's rim, where the film shows it."""
    angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    ray = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return _line_contrast(image, np.array(head.center) * zoom + ray * head.radius * zoom, ray)


def _line_contrast(image: Image, line: npt.NDArray[np.float64], across: npt.NDArray[np.float64]) -> float | None:
    """Nothing where less than half of the line's surroundings lie on the film."""
    offsets = np.arange(-0.2, 0.201, 0.02) * PIXELS_PER_DEPTH
    points = line[:, None] + across[:, None] * offsets[:, None]
    rows, columns = image.shape
    inside = ((points >= 0) & (points <= (columns - 1, rows - 1))).all(axis=(1, 2))
    if inside.mean() < 0.5:
        return None
    where = points[inside].astype(np.float32)
    profile = cv2.remap(image, where[..., 0], where[..., 1], cv2.INTER_LINEAR).mean(axis=0)
    distance = np.abs(offsets) / PIXELS_PER_DEPTH
    return float(profile[distance <= 0.071].max() - profile[distance >= 0.119].mean())


def statistics_report(groups: Mapping[str, Sequence[FilmStatistics]], parameters: Sequence[str]) -> list[str]:
    """Tables in Markdown: a column a group of films, medians with the 5th and the 95th percentile."""
    head = ["| figure | " + " | ".join(f"{name} ({len(films)})" for name, films in groups.items()) + " |"]
    head.append("|---|" + "---|" * len(groups))
    kinds = {
        "grey level": [f"{i / BINS:.3g} to {(i + 1) / BINS:.3g}" for i in range(BINS)],
        "gradient": [f"{quantile}th percentile" for quantile in QUANTILES],
        "power": [f"{low:g} to {2 * low:g} cycles a depth" for low in BANDS[:-1]],
    }
    rows = []
    for kind, parts in kinds.items():
        field = {"grey level": "grey"}.get(kind, kind)
        digits = 4 if kind == "gradient" else 2
        for place, part in enumerate(parts):
            cells = [_spread([getattr(film, field)[place] for film in films], digits) for films in groups.values()]
            rows.append(f"| {kind}, {part} | " + " | ".join(cells) + " |")
    for name in ("end plates", "S1", "heads"):
        cells = [_spread([film.contrast[name] for film in films], 2) for films in groups.values()]
        rows.append(f"| contrast of {name} | " + " | ".join(cells) + " |")
    for name in parameters:
        cells = [_spread([film.parameters.get(name) for film in films], 1) for films in groups.values()]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return head + rows


def _spread(values: Sequence[float | None], digits: int) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    low, middle, high = np.percentile(known, QUANTILES)
    if len(known) == 1:
        return f"{middle:.{digits}f}"
    return f"{middle:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
