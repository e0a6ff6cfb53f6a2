"""Corrected labels become a training set of class masks and measured targets."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from sagittal.anatomy import MaskError, measure_mask
from sagittal.anatomy.definitions import default_definitions
from sagittal.films import FilmError, read_film, write_label_map
from sagittal.learning import Correction, is_validation_film, labelled_film, write_training_set
from sagittal.simulator import SimulatedFilm, load_simulator_config, simulate_film

TRAINING_IDS = [name for name in map(str, range(20)) if not is_validation_film(name)]
VALIDATION_IDS = [name for name in map(str, range(20)) if is_validation_film(name)]


@pytest.fixture(scope="module")
def simulated() -> SimulatedFilm:
    return simulate_film(load_simulator_config(), 11, rows=512)


class Folder:
    """Films with final labels on disk."""

    def __init__(self, path: Path, simulated: SimulatedFilm) -> None:
        self.path = path
        self.simulated = simulated

    def correct(
        self, film_id: str, label_map: npt.NDArray[np.uint8] | None = None, names: dict[int, str] | None = None
    ) -> Correction:
        film = self.path / f"{film_id}.png"
        Image.fromarray(np.round(self.simulated.film.pixels * 255).astype(np.uint8)).save(film)
        label = self.path / f"{film_id}.nrrd"
        write_label_map(label, self.simulated.label_map if label_map is None else label_map, read_film(film))
        return Correction(film_id, film, label, names)


@pytest.fixture
def folder(tmp_path: Path, simulated: SimulatedFilm) -> Folder:
    return Folder(tmp_path, simulated)


def test_structure_ids_become_the_classes_that_networks_learn(folder: Folder) -> None:
    written = write_training_set([folder.correct(TRAINING_IDS[0])], folder.path / "run")
    (entry,) = written.training
    mask = np.asarray(Image.open(entry["label"]))
    assert mask.dtype == np.uint8
    assert np.array_equal(mask, folder.simulated.class_mask)


def test_targets_are_measured_on_the_corrected_label(folder: Folder) -> None:
    (entry,) = write_training_set([folder.correct(TRAINING_IDS[0])], folder.path / "run").training
    measured = measure_mask(folder.simulated.label_map).parameters
    assert list(entry["parameters"]) == list(default_definitions().value_branch)
    assert entry["parameters"] == {name: measured[name].value for name in entry["parameters"]}
    assert entry["parameters"]["SS"] == pytest.approx(folder.simulated.parameters["SS"].value, abs=4)


def test_films_are_held_out_by_their_id_however_labels_arrive(folder: Folder) -> None:
    names = [VALIDATION_IDS[0], *TRAINING_IDS[:2]]
    for order in (names, names[::-1]):
        written = write_training_set(map(folder.correct, order), folder.path / "run")
        assert [entry["subject"] for entry in written.validation] == [VALIDATION_IDS[0]]
        assert {entry["subject"] for entry in written.training} == set(TRAINING_IDS[:2])


def test_simulated_films_join_a_small_validation_split(folder: Folder) -> None:
    corrections = [folder.correct(name) for name in (TRAINING_IDS[0], VALIDATION_IDS[0])]
    stand_in = [{"image": "/simulated.png", "label": "/simulated-label.png"}]
    small = write_training_set(corrections, folder.path / "a", simulated_validation=stand_in, minimum_validation=2)
    enough = write_training_set(corrections, folder.path / "b", simulated_validation=stand_in, minimum_validation=1)
    assert [entry["image"] for entry in small.validation][1:] == ["/simulated.png"]
    assert len(enough.validation) == 1
    assert json.loads(small.datalist.read_text()) == {
        "training": list(small.training),
        "validation": list(small.validation),
    }


def test_values_in_the_order_of_segments_are_renumbered_by_name(folder: Folder) -> None:
    structures = default_definitions().structures
    in_film = [s for s in structures.values() if (folder.simulated.label_map == s.id).any()]
    by_order = np.zeros_like(folder.simulated.label_map)
    for order, structure in enumerate(in_film, start=1):
        by_order[folder.simulated.label_map == structure.id] = order
    names = {order: structure.name for order, structure in enumerate(in_film, start=1)}
    _, label_map = labelled_film(folder.correct("film", by_order, names))
    assert np.array_equal(label_map, folder.simulated.label_map)


def test_a_segment_of_another_name_is_refused(folder: Folder) -> None:
    with pytest.raises(MaskError, match="segment 'rib' is no structure we know"):
        labelled_film(folder.correct("film", np.minimum(folder.simulated.label_map, 1), {1: "rib"}))


def test_a_value_that_is_no_id_is_refused(folder: Folder) -> None:
    label_map = folder.simulated.label_map.copy()
    label_map[0, 0] = 200
    with pytest.raises(MaskError, match="200"):
        labelled_film(folder.correct("film", label_map))


def test_an_empty_label_is_refused(folder: Folder) -> None:
    with pytest.raises(MaskError, match="empty"):
        labelled_film(folder.correct("film", np.zeros_like(folder.simulated.label_map)))


def test_a_label_of_another_film_is_refused(folder: Folder) -> None:
    correction = folder.correct("film")
    Image.fromarray(folder.simulated.class_mask[:-1]).save(correction.label.with_suffix(".label.png"))
    other = Correction("film", correction.film, correction.label.with_suffix(".label.png"))
    with pytest.raises(FilmError, match="rows"):
        labelled_film(other)


def test_a_label_that_cannot_be_used_is_left_out_with_its_reason(folder: Folder) -> None:
    damaged = folder.correct(TRAINING_IDS[1])
    damaged.label.write_bytes(b"no label at all")
    written = write_training_set([folder.correct(TRAINING_IDS[0]), damaged], folder.path / "run")
    assert [entry["subject"] for entry in written.training] == [TRAINING_IDS[0]]
    (skipped,) = written.skipped
    assert skipped.film_id == TRAINING_IDS[1]
    assert damaged.label.name in skipped.reason
