"""DICOM films by their header's rules: spacing, polarity, side; what is no film is refused with what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicom_films import write_dicom_film
from SpinoPelvicLib.errors import FilmError
from SpinoPelvicLib.film_logic import SceneFilmLogic

BONE = np.zeros((40, 30), np.uint16)
BONE[10:30, 8:22] = 3000
BONE += np.arange(40, dtype=np.uint16)[:, None]


@pytest.fixture
def films(slicer: Any) -> Any:
    logic = SceneFilmLogic()
    yield logic
    logic.close()


class Database:
    """Of ctkDICOMDatabase what the module asks."""

    def __init__(self, *files: Path) -> None:
        import pydicom

        self._files = {str(file): pydicom.dcmread(file) for file in files}

    def patients(self) -> list[str]:
        return ["1"]

    def studiesForPatient(self, _patient: str) -> list[str]:
        return ["study"]

    def seriesForStudy(self, _study: str) -> list[str]:
        return [str(dataset.SeriesInstanceUID) for dataset in self._files.values()]

    def filesForSeries(self, series: str) -> list[str]:
        return [file for file, dataset in self._files.items() if dataset.SeriesInstanceUID == series]

    def fileForInstance(self, uid: str) -> str:
        return next((file for file, dataset in self._files.items() if dataset.SOPInstanceUID == uid), "")

    def fileValue(self, file: str, tag: str) -> str:
        group, element = (int(part, 16) for part in tag.split(","))
        found = self._files[file].get((group, element))
        return "" if found is None else str(found.value)


@pytest.mark.parametrize(
    ("tags", "spacing", "rule", "trusted"),
    [
        ({"PixelSpacing": [0.2, 0.1], "ImagerPixelSpacing": [0.3, 0.15]}, (0.2, 0.1), "calibrated", True),
        ({"ImagerPixelSpacing": [0.3, 0.15]}, (0.3, 0.15), "detector plane, lengths magnified", False),
        ({"PixelSpacing": [0.2, 0.1]}, (0.2, 0.1), "pixel spacing without calibration, uncertain", False),
        ({}, None, "none", False),
    ],
)
def test_the_spacing_is_that_of_the_header_by_its_rule(
    films: Any, tmp_path: Path, tags: dict[str, Any], spacing: Any, rule: str, trusted: bool
) -> None:
    film = films.loadFilm(write_dicom_film(tmp_path / "film.dcm", BONE, Modality="DX", **tags))
    facts = films.facts(film)
    assert (facts.spacingMm, facts.spacingRule, facts.lengthsTrusted) == (spacing, rule, trusted)


@pytest.mark.parametrize(
    ("tags", "stored"),
    [
        ({}, BONE),
        ({"PhotometricInterpretation": "MONOCHROME1"}, 4000 - BONE),
        ({"PresentationLUTShape": "INVERSE"}, 4000 - BONE),
    ],
)
def test_bone_is_bright_however_it_is_stored(films: Any, slicer: Any, tmp_path: Path, tags: Any, stored: Any) -> None:
    film = films.loadFilm(write_dicom_film(tmp_path / "film.dcm", stored.astype(np.uint16), **tags))
    pixels = slicer.util.arrayFromVolume(film)[0].astype(int)
    assert pixels[20, 15] > pixels[2, 2]
    assert np.ptp(pixels) == np.ptp(BONE)
    assert films.facts(film).inverted == bool(tags)


def test_a_film_that_slicer_loaded_itself_is_put_right(films: Any, slicer: Any, tmp_path: Path) -> None:
    """Pitfall: ITK gives a film with PixelSpacing alone 1.0 mm. What Slicer shows upside down is turned over."""
    path = write_dicom_film(
        tmp_path / "film.dcm",
        (4000 - BONE).astype(np.uint16),
        PhotometricInterpretation="MONOCHROME1",
        PixelSpacing=[0.2, 0.2],
        PatientOrientation=["P", "F"],
    )
    database = Database(path)
    shown_dark = slicer.util.addVolumeFromArray((4000 - BONE).astype(np.int16)[np.newaxis], name="from Slicer")
    shown_dark.SetAttribute("DICOM.instanceUIDs", str(next(iter(database._files.values())).SOPInstanceUID))
    films.adoptFilm(shown_dark, database)
    facts = films.facts(shown_dark)
    assert facts.spacingMm == (0.2, 0.2)
    assert facts.inverted
    assert (facts.anterior, facts.anteriorRule) == ("left", "by the file")
    pixels = slicer.util.arrayFromVolume(shown_dark)[0].astype(int)
    assert pixels[20, 15] > pixels[2, 2]
    films.adoptFilm(shown_dark, database)
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(shown_dark)[0], pixels)


def test_itk_alone_gives_a_film_with_pixel_spacing_one_millimetre(tmp_path: Path) -> None:
    """The pitfall itself, so that it is noticed when it goes away."""
    import SimpleITK

    path = write_dicom_film(tmp_path / "film.dcm", BONE, Modality="DX", PixelSpacing=[0.2, 0.2])
    assert SimpleITK.ReadImage(str(path)).GetSpacing()[:2] == (1.0, 1.0)


@pytest.mark.parametrize(
    ("values", "tags", "message"),
    [
        (np.stack([BONE, BONE]), {"NumberOfFrames": 2}, "holds 2 frames, not one lateral X-ray; export the one film"),
        (BONE, {"Modality": "CT"}, "is a CT slice, not a lateral X-ray"),
        (BONE, {"PixelData": None}, "DICOM without an image"),
    ],
)
def test_what_is_no_film_is_refused_with_what_to_do(
    films: Any, tmp_path: Path, values: Any, tags: dict[str, Any], message: str
) -> None:
    with pytest.raises(FilmError, match=message):
        films.loadFilm(write_dicom_film(tmp_path / "film.dcm", values, **tags))


def test_the_database_lists_films_newest_first_and_names_nobody(films: Any, tmp_path: Path) -> None:
    old = write_dicom_film(
        tmp_path / "a.dcm", BONE, Modality="DX", StudyDate="20200102", PatientName="Doe^Jane", BodyPartExamined="LSPINE"
    )
    new = write_dicom_film(tmp_path / "b.dcm", BONE, Modality="CR", StudyDate="20240506", PatientName="Doe^Jane")
    other = write_dicom_film(tmp_path / "c.dcm", BONE, Modality="CT", StudyDate="20250101")
    listed = films.dicomFilms(Database(old, new, other))
    assert [film.path for film in listed] == [new, old]
    assert listed[1].title == "DX · LSPINE · 2020-01-02"
    assert "Doe" not in "".join(film.title for film in listed)


def test_the_window_leaves_markers_out_of_account(films: Any, slicer: Any, tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(1000, 100, (200, 150)).clip(0, 4000).astype(np.uint16)
    values[:2, :6] = 60000
    film = films.loadFilm(write_dicom_film(tmp_path / "film.dcm", values))
    assert film.GetDisplayNode().GetWindowLevelMax() < 2000
    assert not film.GetDisplayNode().GetAutoWindowLevel()


def test_inverting_by_hand_turns_the_film_over_and_back(films: Any, slicer: Any, tmp_path: Path) -> None:
    film = films.loadFilm(write_dicom_film(tmp_path / "film.dcm", BONE))
    films.invert(film)
    assert slicer.util.arrayFromVolume(film)[0][20, 15] < slicer.util.arrayFromVolume(film)[0][2, 2]
    assert films.facts(film).inverted
    films.invert(film)
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(film)[0], BONE)
