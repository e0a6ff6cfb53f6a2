"""The overlay shows every segment in its colour, in the film's true proportions, with a table that hides nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from sagittal import NOT_FOR_CLINICAL_USE, __version__
from sagittal.anatomy.definitions import default_definitions
from sagittal.anatomy.landmarks import Circle
from sagittal.films import Identity
from sagittal.inference import Inspection
from sagittal.report import overlay_png
from sagittal.report.overlay import overlay_figure

Make = Callable[..., Inspection]


def drawn(inspection: Inspection) -> tuple[Figure, np.ndarray]:
    """The figure and its picture, (rows, columns, 3) of 0..255."""
    figure = overlay_figure(inspection, default_definitions())
    figure.canvas.draw()
    return figure, np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(float)


def words(figure: Figure) -> str:
    return "\n".join(text.get_text() for axes in figure.axes for text in axes.texts)


def pixel_at(figure: Figure, picture: np.ndarray, x: float, y: float) -> np.ndarray:
    """The picture's colour where the film's pixel (x, y) is drawn."""
    column, up = figure.axes[0].transData.transform((x, y))
    return picture[round(picture.shape[0] - 1 - up), round(column)]


def test_each_segment_is_tinted_with_its_colour(make_inspection: Make) -> None:
    inspection = make_inspection()
    label_map = inspection.measurement.label_map
    bare = replace(inspection, measurement=replace(inspection.measurement, label_map=np.zeros_like(label_map)))
    figure, picture = drawn(inspection)
    _, without = drawn(bare)
    for level, body in inspection.measurement.landmarks.bodies.items():
        # Between the centre, where the name stands, and the anterior wall.
        x = 0.75 * (body.superior_anterior[0] + body.inferior_anterior[0]) / 2
        x += 0.25 * (body.superior_posterior[0] + body.inferior_posterior[0]) / 2
        y = (body.superior_anterior[1] + body.inferior_anterior[1]) / 2
        color = np.array(default_definitions().structures[level].color)
        expected = 0.74 * pixel_at(figure, without, x, y) + 0.26 * color
        assert np.abs(pixel_at(figure, picture, x, y) - expected).max() < 6, level


@pytest.mark.parametrize(("shape", "width"), [((407, 240), 944), ((3840, 2160), 900), ((800, 1600), 1500)])
def test_its_size_follows_the_proportions_of_films_of_any_size(
    make_inspection: Make, shape: tuple[int, int], width: int
) -> None:
    inspection = make_inspection(heads=())
    film = replace(inspection.film, pixels=np.full(shape, 0.5, np.float32))
    measurement = replace(inspection.measurement, label_map=np.zeros(shape, np.uint8))
    picture = Image.open(io.BytesIO(overlay_png(replace(inspection, film=film, measurement=measurement))))
    assert picture.size == (pytest.approx(width + 820, abs=1), 1600)


def test_pixels_that_are_not_square_are_shown_in_true_proportions(make_inspection: Make) -> None:
    square = overlay_figure(make_inspection(heads=()), default_definitions())
    wide = overlay_figure(make_inspection(heads=(), pixel_aspect=(1.0, 1.5)), default_definitions())

    def proportion(figure: Figure) -> float:
        box = figure.axes[0].get_window_extent()
        return float(box.width / box.height)

    assert proportion(wide) == pytest.approx(1.5 * proportion(square), rel=1e-3)


def test_a_head_centred_below_the_film_is_in_view(make_inspection: Make) -> None:
    inspection = make_inspection(heads=(Circle((120.0, 610.0), 40.0),))
    bottom, top = overlay_figure(inspection, default_definitions()).axes[0].get_ylim()
    assert top == -0.5
    assert bottom > 650


def test_the_view_does_not_follow_a_head_far_away(make_inspection: Make) -> None:
    inspection = make_inspection(heads=(Circle((120.0, 5000.0), 40.0),))
    assert overlay_figure(inspection, default_definitions()).axes[0].get_ylim()[0] == pytest.approx(1.15 * 600)


def test_the_table_names_verdict_model_version_and_that_it_is_not_for_clinical_use(make_inspection: Make) -> None:
    shown = words(drawn(make_inspection())[0])
    for expected in ("case one", "MEASURABLE", "bilunet", __version__, NOT_FOR_CLINICAL_USE, "LL starts at L1"):
        assert expected in shown


def test_what_is_out_of_range_is_marked_by_colour_and_word(make_inspection: Make) -> None:
    inspection = make_inspection()
    parameters = dict(inspection.measurement.parameters)
    parameters["PT"] = replace(parameters["PT"], value=2.0, status="below")
    parameters["LL"] = replace(parameters["LL"], value=91.0, status="above")
    figure, _ = drawn(replace(inspection, measurement=replace(inspection.measurement, parameters=parameters)))
    shown = {text.get_text(): text.get_color() for axes in figure.axes for text in axes.texts}
    assert shown["▼ below"] == shown["▲ above"] == shown["2.0°"] == shown["91.0°"] == "#ff7b6b"


def test_what_is_absent_has_its_reason_beside_it(make_inspection: Make) -> None:
    inspection = make_inspection(heads=())
    shown = words(drawn(inspection)[0]).replace("\n", " ")
    reason = inspection.measurement.parameters["PI"].reason
    assert reason is not None
    assert all(word in shown for word in reason.split())
    assert "absent" in shown


def test_clinical_classes_are_told_and_the_abnormal_stand_out(make_inspection: Make) -> None:
    inspection = make_inspection()
    parameters = dict(inspection.measurement.parameters)
    parameters["PT"] = replace(parameters["PT"], value=31.0, status="above")
    figure, _ = drawn(replace(inspection, measurement=replace(inspection.measurement, parameters=parameters)))
    shown = {text.get_text(): text.get_color() for axes in figure.axes for text in axes.texts}
    assert "CLINICAL CLASSES (HINTS, NOT DIAGNOSES)" in shown
    assert shown["31.0°, ++"] == "#ff7b6b"


def test_values_of_the_network_have_a_column_of_their_own(make_inspection: Make) -> None:
    assert "network" in words(drawn(make_inspection(value_branch=True))[0])
    assert "network" not in words(drawn(make_inspection())[0])


def test_more_notes_than_fit_are_counted_instead(make_inspection: Make) -> None:
    inspection = make_inspection()
    warnings = tuple(
        f"warning {i} that says a good deal more than would fit on a single line of the panel" for i in range(40)
    )
    shown = words(drawn(replace(inspection, measurement=replace(inspection.measurement, warnings=warnings)))[0])
    assert "more notes in the JSON file" in shown


@pytest.mark.parametrize("name", ["a$b$_{c", "50%_\\alpha", "x" * 200])
def test_any_file_name_is_shown_as_text(make_inspection: Make, name: str) -> None:
    inspection = make_inspection()
    film = replace(inspection.film, identity=Identity(name, None))
    assert overlay_png(replace(inspection, film=film)).startswith(b"\x89PNG")
