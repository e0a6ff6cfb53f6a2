"""Films from files keep their pixels and geometry; what is no film is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from SpinoPelvicLib import film as films
from SpinoPelvicLib.errors import FilmError
from SpinoPelvicLib.film import checkFilm, imageIdOn, newImageId, setImageId, writeVolume
from SpinoPelvicLib.geometry import ijkToRas, toPixel, toRas


def loadFilm(path: Path, name: str) -> Any:
    return films.loadFilm(path, name)[0]


PIXELS = np.arange(40 * 30, dtype=np.uint16).reshape(40, 30)


def test_a_png_keeps_its_pixels_row_by_row(slicer: Any, tmp_path: Path) -> None:
    Image.fromarray((PIXELS % 256).astype(np.uint8)).save(tmp_path / "film.png")
    film = loadFilm(tmp_path / "film.png", "film")
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(film)[0], PIXELS % 256)
    # Columns run to the patient's left and rows to the back: upright and not mirrored in an axial view.
    assert (toRas(film, (1, 0)) - toRas(film, (0, 0)))[0] < 0
    assert (toRas(film, (0, 1)) - toRas(film, (0, 0)))[1] < 0


def test_a_film_stored_in_colour_becomes_grey(slicer: Any, tmp_path: Path) -> None:
    grey = (PIXELS % 256).astype(np.uint8)
    Image.fromarray(np.stack([grey] * 3, axis=-1)).save(tmp_path / "film.png")
    film = loadFilm(tmp_path / "film.png", "film")
    checkFilm(film)
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(film)[0], grey)


def test_a_film_written_for_the_server_comes_back_exactly(slicer: Any, tmp_path: Path) -> None:
    matrix = np.array([[-0.15, 0, 0, 12.5], [0, -0.3, 0, -7.25], [0, 0, 1, 3], [0, 0, 0, 1]])
    film = slicer.util.addVolumeFromArray(PIXELS[np.newaxis], matrix, "film")
    writeVolume(film, tmp_path / "film.nrrd")
    again = loadFilm(tmp_path / "film.nrrd", "again")
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(again)[0], PIXELS)
    np.testing.assert_allclose(ijkToRas(again), matrix, atol=1e-9)


def test_what_is_sent_holds_no_identifier_of_the_volume(slicer: Any, tmp_path: Path) -> None:
    film = slicer.util.addVolumeFromArray(PIXELS[np.newaxis], name="DOE JANE")
    film.SetAttribute("DICOM.instanceUIDs", "1.2.826.0.1.3680043")
    writeVolume(film, tmp_path / "film.nrrd")
    header = (tmp_path / "film.nrrd").read_bytes().split(b"\n\n")[0]
    assert b"sizes: 30 40 1" in header
    assert b"DICOM" not in header
    assert b"DOE" not in header


def test_pixels_and_ras_are_each_others_inverse(slicer: Any) -> None:
    matrix = np.array([[0, -0.3, 0, 12.5], [-0.15, 0, 0, -7.25], [0, 0, 1, 3], [0, 0, 0, 1]])
    film = slicer.util.addVolumeFromArray(PIXELS[np.newaxis], matrix, "film")
    np.testing.assert_allclose(toPixel(film, toRas(film, (7.25, 31.5))), (7.25, 31.5))


def test_a_text_file_named_png_is_refused_by_name(slicer: Any, tmp_path: Path) -> None:
    (tmp_path / "film.png").write_text("no film")
    with pytest.raises(FilmError, match="my film: the file cannot be read"):
        loadFilm(tmp_path / "film.png", "my film")


def test_a_volume_of_several_slices_is_refused(slicer: Any) -> None:
    volume = slicer.util.addVolumeFromArray(np.zeros((2, 4, 4), np.uint8), name="CT")
    with pytest.raises(FilmError, match="CT: 2 slices or frames, not one film"):
        checkFilm(volume)


def test_a_colour_volume_is_refused_though_it_is_a_scalar_volume(slicer: Any) -> None:
    volume = slicer.util.addVolumeFromArray(
        np.zeros((1, 4, 4, 3), np.uint8), name="picture", nodeClassName="vtkMRMLVectorVolumeNode"
    )
    assert volume.IsA("vtkMRMLScalarVolumeNode")
    with pytest.raises(FilmError, match="a colour picture, not a grey film"):
        checkFilm(volume)


def test_an_image_id_counts_only_for_the_server_that_gave_it(slicer: Any) -> None:
    film = slicer.util.addVolumeFromArray(PIXELS[np.newaxis], name="film")
    setImageId("http://a:8000", film, "sim-11")
    assert imageIdOn("http://a:8000", film) == "sim-11"
    assert imageIdOn("http://b:8000", film) is None
    assert newImageId() != newImageId()
