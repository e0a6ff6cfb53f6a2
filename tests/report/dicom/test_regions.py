"""Regions of a structured report lie where the landmarks are, half a pixel on, and never leave the film."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from sagittal.anatomy.landmarks import Circle
from sagittal.report.dicom.regions import FilmRegions

ROWS, COLUMNS = 600, 400


def regions(aspect: tuple[float, float] = (1.0, 1.0)) -> FilmRegions:
    header = Dataset()
    header.Rows, header.Columns = ROWS, COLUMNS
    header.SOPClassUID, header.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1", "1.2.3"
    return FilmRegions(header, aspect)


def test_the_centre_of_the_first_pixel_is_half_a_pixel_from_the_edge() -> None:
    region = regions().point((0.0, 0.0))
    assert region is not None
    np.testing.assert_array_equal(region.value, [[0.5, 0.5]])


def test_a_polygon_is_closed() -> None:
    region = regions().polygon([(10, 20), (30, 20), (30, 50)])
    assert region is not None
    assert region.graphic_type.value == "POLYLINE"
    np.testing.assert_allclose(region.value, [[10.5, 20.5], [30.5, 20.5], [30.5, 50.5], [10.5, 20.5]])


@pytest.mark.parametrize("point", [(-0.6, 10.0), (10.0, ROWS - 0.4), (COLUMNS - 0.4, 10.0)])
def test_what_lies_off_the_film_has_no_region(point: tuple[float, float]) -> None:
    assert regions().point(point) is None
    assert regions().line([(50.0, 50.0), point]) is None


def test_a_whole_head_is_a_circle() -> None:
    region = regions().circle(Circle((200.0, 300.0), 40.0))
    assert region is not None
    assert region.graphic_type.value == "CIRCLE"
    np.testing.assert_allclose(region.value, [[200.5, 300.5], [240.5, 300.5]])


@pytest.mark.parametrize(("aspect", "major"), [((1.0, 2.0), "y"), ((2.0, 1.0), "x")])
def test_where_pixels_are_not_square_it_is_an_ellipse_with_its_major_axis_first(
    aspect: tuple[float, float], major: str
) -> None:
    region = regions(aspect).circle(Circle((200.0, 300.0), 40.0))
    assert region is not None
    assert region.graphic_type.value == "ELLIPSE"
    across, along = [[160.5, 300.5], [240.5, 300.5]], 40 * aspect[1] / aspect[0]
    down = [[200.5, 300.5 - along], [200.5, 300.5 + along]]
    np.testing.assert_allclose(region.value, [*down, *across] if major == "y" else [*across, *down])


@given(st.floats(-60, COLUMNS + 60), st.floats(-60, ROWS + 60), st.floats(20, 90))
def test_of_a_head_cut_by_the_edge_the_arc_on_the_film_is_kept(x: float, y: float, radius: float) -> None:
    region = regions().circle(Circle((x, y), radius))
    if region is None or region.graphic_type.value != "POLYLINE":
        return
    points = region.value
    assert (points >= 0).all()
    assert (points <= [COLUMNS, ROWS]).all()
    np.testing.assert_allclose(np.hypot(*(points - [x + 0.5, y + 0.5]).T), radius, atol=1e-3)
    # One arc without a gap.
    steps = np.hypot(*np.diff(points, axis=0).T)
    assert steps.max() == pytest.approx(2 * radius * np.sin(np.radians(1)), abs=1e-3)


def test_a_head_off_the_film_has_no_region() -> None:
    assert regions().circle(Circle((200.0, 900.0), 40.0)) is None
