"""The film with what was found on it: segments, corners, end plates, femoral heads, pelvic angles, level names."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, PathPatch, Rectangle
from matplotlib.path import Path
from skimage.measure import find_contours
from skimage.transform import downscale_local_mean

from sagittal.anatomy.construction import Angle, pelvic_angles
from sagittal.anatomy.definitions import Definitions
from sagittal.anatomy.landmarks import EndPlate, Landmarks, Point
from sagittal.anatomy.measurement import Measurement
from sagittal.films.film import Film
from sagittal.report import style
from sagittal.report.text import number_text

# Femoral heads may be centred outside the film: the view follows them, but no further than this part of the film.
VIEW_MARGIN = 0.15


def film_view(film: Film, landmarks: Landmarks) -> tuple[float, float, float, float]:
    """(left, right, top, bottom) in pixels of the film: the film, and as much beside it as the heads need."""
    rows, columns = film.shape
    left, right, top, bottom = -0.5, columns - 0.5, -0.5, rows - 0.5
    slender = film.pixel_aspect[1] / film.pixel_aspect[0]
    for head in landmarks.femoral_heads:
        (x, y), radius = head.center, head.radius * 1.05
        left, right = min(left, x - radius), max(right, x + radius)
        top, bottom = min(top, y - radius * slender), max(bottom, y + radius * slender)
    return (
        max(left, -VIEW_MARGIN * columns),
        min(right, (1 + VIEW_MARGIN) * columns),
        max(top, -VIEW_MARGIN * rows),
        min(bottom, (1 + VIEW_MARGIN) * rows),
    )


def draw_film(
    axes: Axes, film: Film, measurement: Measurement, definitions: Definitions, pen: style.Scale = style.PICTURE
) -> None:
    """Draw into axes whose data frame is the film's pixels; its limits are those of `film_view`.

    `pen` gives the width of lines and the size of letters.
    """
    left, right, top, bottom = film_view(film, measurement.landmarks)
    _draw_pixels(axes, film, pen)
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="auto")
    axes.set_axis_off()
    _draw_segments(axes, measurement.label_map, definitions, pen)
    _draw_heads(axes, film, measurement.landmarks, definitions, pen)
    _draw_bodies(axes, measurement.landmarks, definitions, pen)
    if measurement.landmarks.s1 is not None:
        _draw_end_plate(axes, measurement.landmarks.s1, pen, width=2.4)
    for angle in pelvic_angles(measurement.landmarks, film.pixel_aspect):
        _draw_angle(axes, angle, measurement, pen)


def _draw_pixels(axes: Axes, film: Film, pen: style.Scale) -> None:
    rows, columns = film.shape
    # matplotlib alone would skip pixels of large films instead of averaging them.
    step = max(1, min(rows, columns) // style.HEIGHT)
    pixels = downscale_local_mean(film.pixels, (step, step)) if step > 1 else film.pixels
    extent = (-0.5, pixels.shape[1] * step - 0.5, pixels.shape[0] * step - 0.5, -0.5)
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=1, extent=extent, interpolation="bilinear")
    axes.add_artist(Rectangle((-0.5, -0.5), columns, rows, fill=False, edgecolor=style.RULE, linewidth=pen.points(1)))


def _draw_segments(axes: Axes, label_map: npt.NDArray[np.uint8], definitions: Definitions, pen: style.Scale) -> None:
    # As artists, not patches: those would be measured curve by curve for limits that are set already.
    for structure in definitions.structures.values():
        mask = label_map == structure.id
        if mask.any():
            color = np.array(structure.color) / 255
            outline = _outline(mask)
            axes.add_artist(PathPatch(outline, facecolor=(*color, 0.26), edgecolor="none"))
            axes.add_artist(PathPatch(outline, facecolor="none", edgecolor=(*color, 0.95), linewidth=pen.points(1.4)))


def _outline(mask: npt.NDArray[np.bool_]) -> Path:
    """Outlines of a mask (rows, columns) with its holes, in pixels (x, y)."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = rows[0], columns[0]
    piece = np.pad(mask[top : rows[-1] + 1, left : columns[-1] + 1], 1).astype(np.float64)
    rings = [Path(ring[:, ::-1] + (left - 1, top - 1), closed=True) for ring in find_contours(piece, 0.5)]
    return Path.make_compound_path(*rings)


def _draw_heads(axes: Axes, film: Film, landmarks: Landmarks, definitions: Definitions, pen: style.Scale) -> None:
    slender = film.pixel_aspect[1] / film.pixel_aspect[0]
    for name, head in zip(("femoral_head_1", "femoral_head_2"), landmarks.femoral_heads, strict=False):
        color = np.array(definitions.structures[name].color) / 255
        axes.add_artist(
            Ellipse(
                head.center,
                2 * head.radius,
                2 * head.radius * slender,
                fill=False,
                edgecolor=tuple(color),
                linewidth=pen.points(2),
                linestyle=(0, (5, 3)),
                path_effects=pen.rim(4),
            )
        )
        axes.plot(*head.center, marker="+", color=color, markersize=pen.points(12), path_effects=pen.rim(4))
    if landmarks.hip_axis is not None:
        axes.plot(
            *landmarks.hip_axis,
            marker="o",
            color=style.BONE_LINE,
            markersize=pen.points(9),
            markerfacecolor="none",
            markeredgewidth=pen.points(2),
            path_effects=pen.rim(5),
        )


def _draw_bodies(axes: Axes, landmarks: Landmarks, definitions: Definitions, pen: style.Scale) -> None:
    for level, body in landmarks.bodies.items():
        _draw_end_plate(axes, body.superior, pen, width=1.4)
        _draw_end_plate(axes, body.inferior, pen, width=1.4)
        corners = np.array([body.superior.midpoint, body.inferior.midpoint])
        text = pen.lettering(21, weight="bold", ha="center", va="center", path_effects=pen.rim(4), clip_on=True)
        x, y = corners.mean(axis=0)
        axes.text(float(x), float(y), definitions.structures[level].name, **text)


def _draw_end_plate(axes: Axes, plate: EndPlate, pen: style.Scale, width: float) -> None:
    x, y = zip(plate.anterior, plate.posterior, strict=True)
    axes.plot(
        x,
        y,
        color=style.BONE_LINE,
        linewidth=pen.points(width),
        marker="o",
        markersize=pen.points(5),
        markeredgecolor="black",
        markeredgewidth=pen.points(1),
        path_effects=pen.rim(width + 2),
    )


def _draw_angle(axes: Axes, angle: Angle, measurement: Measurement, pen: style.Scale) -> None:
    color = style.ANGLE_COLORS[angle.name]
    thin: dict[str, Any] = {"color": color, "linewidth": pen.points(1.8), "path_effects": pen.rim(3.4)}
    for leg in angle.legs:
        axes.plot(*_columns(leg), linestyle=(0, (6, 4)), **thin)
    axes.plot(angle.arc[:, 0], angle.arc[:, 1], **thin)
    parameter = measurement.parameters.get(angle.name)
    if parameter is not None and parameter.value is not None:
        text = pen.lettering(19, color, weight="bold", ha="center", va="center", path_effects=pen.rim(4))
        axes.text(*angle.label_at, f"{angle.name} {number_text(parameter.value, 0)}°", clip_on=True, **text)


def _columns(line: tuple[Point, Point]) -> tuple[tuple[float, float], tuple[float, float]]:
    return (line[0][0], line[1][0]), (line[0][1], line[1][1])
