"""Simulates one lateral film with its exact truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from skimage.draw import disk

from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.landmarks import Body, Circle, EndPlate, Landmarks, Point, Side
from sagittal.anatomy.measure import classes_of
from sagittal.anatomy.measurement import ParameterValue
from sagittal.anatomy.parameters import parameters_from_landmarks
from sagittal.films.film import Film, Identity
from sagittal.header import SpacingRule
from sagittal.simulator.canvas import Frame
from sagittal.simulator.config import SimulatorConfig
from sagittal.simulator.display import burn_in_text, compress
from sagittal.simulator.exposure import expose
from sagittal.simulator.fill import inside_contour
from sagittal.simulator.framing import Framing, frame_patient
from sagittal.simulator.materials import Materials, render_materials
from sagittal.simulator.patient import Patient, sample_patient
from sagittal.simulator.surroundings import add_objects, collimated

# A head of which less than this share of its disc is on the film counts as missing, in mask and landmarks alike.
MINIMUM_VISIBLE_HEAD = 0.15
# Less than this share of its disc, and a head counts as cut.
WHOLE_HEAD = 0.95


@dataclass(frozen=True, eq=False)
class SimulatedTruth:
    """What is true of a film.

    `class_mask` and `label_map` are (rows, columns) uint8 on the film's grid (class ids; structure ids; where the
    heads overlap head 1 wins). `landmarks` are in pixels of the film and hold what lies on it; `parameters` follow
    from them; its pixels are square. `variants` are words for what is unusual in the whole spine.
    """

    class_mask: npt.NDArray[np.uint8]
    label_map: npt.NDArray[np.uint8]
    landmarks: Landmarks
    parameters: Mapping[str, ParameterValue]
    instrumented: bool
    slipped: bool
    heads_cut: bool
    variants: tuple[str, ...]
    seed: int


@dataclass(frozen=True, eq=False)
class SimulatedFilm(SimulatedTruth):
    """A film and its truth."""

    film: Film


def simulate_truth(
    config: SimulatorConfig, seed: int, *, rows: int | None = None, pixel_mm: float | None = None
) -> SimulatedTruth:
    """The truth of a seed's film without its picture, many times faster.

    `rows` sets the film's height in pixels, `pixel_mm` the size of a pixel; the configuration draws it by default.
    """
    rng = np.random.default_rng(seed)
    return _truth(FilmDraw.of(config, rng, rows, pixel_mm), seed)


def simulate_film(config: SimulatorConfig, seed: int, *, rows: int | None = None) -> SimulatedFilm:
    """Simulate the film of a seed; `rows` sets its height in pixels (drawn from the configuration by default).

    The same configuration, seed and rows give the same film.
    """
    rng = np.random.default_rng(seed)
    draw = FilmDraw.of(config, rng, rows, None)
    materials = render_materials(draw.patient, draw.framing, config, rng, instrumented=draw.instrumented)
    return finish_film(draw, materials, config, rng, seed)


def finish_film(
    draw: FilmDraw, materials: Materials, config: SimulatorConfig, rng: np.random.Generator, seed: int
) -> SimulatedFilm:
    """Expose, develop and display what the rays pass through; `seed` names the film."""
    framing = draw.framing
    materials = add_objects(materials, draw.patient, framing, config.surroundings, rng)
    image = expose(materials, framing.frame.scale, config.exposure, rng, visible=framing.visible)
    pixels = collimated(image, framing, config.surroundings, rng)
    if framing.anterior == "right":
        pixels = pixels[:, ::-1].copy()
    if rng.random() < config.display.text_probability:
        burn_in_text(pixels, framing.anterior == "left", rng)
    if rng.random() < config.display.jpeg_probability:
        pixels = compress(pixels, rng)
    return SimulatedFilm(**vars(_truth(draw, seed)), film=_film(pixels, framing, seed))


@dataclass(frozen=True, eq=False)
class FilmDraw:
    """What a film and its truth share: they must draw the same. The patient faces left."""

    patient: Patient
    framing: Framing
    instrumented: bool

    @classmethod
    def of(
        cls, config: SimulatorConfig, rng: np.random.Generator, rows: int | None, pixel_mm: float | None
    ) -> FilmDraw:
        patient = sample_patient(config.anatomy, rng)
        framing = frame_patient(patient, config.framing, rng, rows=rows, pixel_mm=pixel_mm)
        return cls(patient, framing, rng.random() < config.implants.probability)


def _truth(draw: FilmDraw, seed: int) -> SimulatedTruth:
    landmarks = _landmarks(draw.patient, draw.framing)
    label_map = _label_map(draw.patient, draw.framing, landmarks)
    shares = [_visible_share(head, draw.framing) for head in _circles(draw.patient, draw.framing)]
    if draw.framing.anterior == "right":
        label_map = label_map[:, ::-1].copy()
        landmarks = _mirrored(landmarks, width=label_map.shape[1])
    return SimulatedTruth(
        class_mask=classes_of(label_map, default_definitions()),
        label_map=label_map,
        landmarks=landmarks,
        parameters=parameters_from_landmarks(landmarks),
        instrumented=draw.instrumented,
        slipped=draw.patient.slip_level is not None,
        heads_cut=min(shares) < WHOLE_HEAD,
        variants=draw.patient.variants.names(),
        seed=seed,
    )


def _landmarks(patient: Patient, framing: Framing) -> Landmarks:
    frame = framing.frame
    bodies = {}
    for body in patient.bodies:
        c = body.corners
        points = [c.superior_anterior, c.superior_posterior, c.inferior_anterior, c.inferior_posterior]
        corners = Body(*(_pixel(frame, point) for point in points))
        if all(framing.shows(point) for point in (corners.superior_anterior, corners.superior_posterior)):
            bodies[body.name] = corners
    seen = [head for head in _circles(patient, framing) if _visible_share(head, framing) >= MINIMUM_VISIBLE_HEAD]
    return Landmarks(
        bodies=bodies,
        s1=EndPlate(_pixel(frame, patient.s1.anterior), _pixel(frame, patient.s1.posterior)),
        femoral_heads=tuple(sorted(seen, key=lambda head: head.center[1])),
        anterior="left",
    )


def _circles(patient: Patient, framing: Framing) -> list[Circle]:
    frame = framing.frame
    return [Circle(_pixel(frame, head.center), head.radius * frame.scale) for head in patient.heads]


def _pixel(frame: Frame, point: Point) -> Point:
    x, y = frame.to_pixels(np.array(point))
    return float(x), float(y)


def _visible_share(head: Circle, framing: Framing) -> float:
    rows, columns = disk((head.center[1], head.center[0]), head.radius)
    x0, y0, x1, y1 = framing.visible
    inside = (columns >= x0) & (columns < x1) & (rows >= y0) & (rows < y1)
    return float(inside.mean()) if inside.size else 0.0


def _label_map(patient: Patient, framing: Framing, landmarks: Landmarks) -> npt.NDArray[np.uint8]:
    structures = default_definitions().structures
    shape = framing.frame.shape
    labels = np.zeros(shape, np.uint8)
    for body in patient.bodies:
        contour = framing.frame.to_pixels(body.contour)
        _fill(labels, contour, structures[body.name].id)
    sacrum = framing.frame.to_pixels(patient.sacrum_contour)
    _fill(labels, sacrum, structures["sacrum"].id)
    for number, head in reversed(list(enumerate(landmarks.femoral_heads, start=1))):
        inside = disk((head.center[1], head.center[0]), head.radius, shape=shape)
        labels[inside] = structures[f"femoral_head_{number}"].id
    x0, y0, x1, y1 = framing.visible
    visible = np.zeros(shape, bool)
    visible[y0:y1, x0:x1] = True
    labels[~visible] = 0
    return labels


def _fill(labels: npt.NDArray[np.uint8], contour: npt.NDArray[np.float64], value: int) -> None:
    """Only the window around the contour is looked at."""
    rows, columns = labels.shape
    x0, y0 = np.floor(contour.min(axis=0)).astype(int).clip(0, (columns, rows))
    x1, y1 = np.ceil(contour.max(axis=0)).astype(int).clip(-1, (columns - 1, rows - 1)) + 1
    if x0 < x1 and y0 < y1:
        labels[y0:y1, x0:x1][inside_contour(contour - (x0, y0), (y1 - y0, x1 - x0))] = value


def _mirrored(landmarks: Landmarks, width: int) -> Landmarks:
    def flip(point: Point) -> Point:
        return width - 1 - point[0], point[1]

    side: Side = "right"
    return Landmarks(
        bodies={
            name: Body(
                flip(body.superior_anterior),
                flip(body.superior_posterior),
                flip(body.inferior_anterior),
                flip(body.inferior_posterior),
            )
            for name, body in landmarks.bodies.items()
        },
        s1=EndPlate(flip(landmarks.s1.anterior), flip(landmarks.s1.posterior)) if landmarks.s1 else None,
        femoral_heads=tuple(replace(head, center=flip(head.center)) for head in landmarks.femoral_heads),
        anterior=side,
    )


def _film(pixels: npt.NDArray[np.float32], framing: Framing, seed: int) -> Film:
    spacing = 1 / framing.frame.scale if framing.spacing_known else None
    size = spacing or 1.0
    return Film(
        pixels=pixels,
        spacing_mm=(spacing, spacing) if spacing else None,
        spacing_rule=SpacingRule.DETECTOR_PLANE if spacing else SpacingRule.NONE,
        pixel_aspect=(size, size),
        affine=np.diag([size, size, 1.0, 1.0]),
        anterior=framing.anterior,
        identity=Identity(name=f"sim-{seed:06d}", path=None, subject=f"sim-{seed:06d}"),
    )
