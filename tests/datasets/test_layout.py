"""A dataset is checked on reading, and an error says which entry is wrong and how."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sagittal.anatomy.landmarks import Body, Circle, EndPlate, Landmarks
from sagittal.datasets import DatalistError, landmarks_as_json, read_dataset, read_landmarks, write_datalist

ENTRY = {"image": "images/a.png", "label": "labels/a.png", "subject": "a"}
LANDMARKS = Landmarks(
    bodies={"L5": Body((1.25, 2.0), (3.0, 4.0), (5.0, 6.0), (7.0, 8.0))},
    s1=EndPlate((1.0, 9.0), (2.0, 8.5)),
    femoral_heads=(Circle((3.0, 12.0), 2.5),),
    anterior="left",
)


def written(folder: Path, **content: Any) -> Path:
    path = folder / "dataset.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_what_is_written_is_read_with_absolute_paths_and_keys_of_others_kept(tmp_path: Path) -> None:
    path = write_datalist(tmp_path / "dataset.json", training=[{**ENTRY, "fold": 3}], validation=[], facts={"seed": 1})
    dataset = read_dataset(path)
    (entry,) = dataset.training
    assert entry.image == str(tmp_path / "images" / "a.png")
    assert entry.label == str(tmp_path / "labels" / "a.png")
    assert entry.landmarks is None
    assert entry.model_extra == {"fold": 3}
    assert dataset.model_extra == {"seed": 1}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"label": None}, r"training\[0\]: must have 'label' or 'landmarks'"),
        ({"label": 3}, r"training\[0\]\.label: Input should be a valid string"),
        ({"parameters": {"PImLL": 3}}, r"training\[0\]: unknown parameters \['PImLL'\]"),
        ({"parameters": {"PI": float("nan")}}, r"training\[0\]\.parameters\.PI: Input should be a finite number"),
        ({"film": {"shape": [3, 4], "spacing_mm": [0, 1]}}, r"training\[0\]\.film\.spacing_mm\[0\]"),
        ({"landmarks_from": "guess"}, r"training\[0\]\.landmarks_from"),
    ],
)
def test_a_wrong_entry_is_named_with_its_fault(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    with pytest.raises(DatalistError, match=fault):
        read_dataset(written(tmp_path, training=[{**ENTRY, **change}]))


def test_films_of_one_subject_on_both_sides_are_refused_without_naming_it(tmp_path: Path) -> None:
    path = written(tmp_path, training=[{**ENTRY, "subject": "Smith"}], validation=[{**ENTRY, "subject": "Smith"}])
    with pytest.raises(DatalistError, match=r"training\[0\] and validation\[0\] are films of one subject") as caught:
        read_dataset(path)
    assert "Smith" not in str(caught.value)


def test_landmarks_survive_their_file_exactly(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(landmarks_as_json(LANDMARKS)), encoding="utf-8")
    assert read_landmarks(tmp_path / "a.json") == LANDMARKS


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"anterior": "front"}, "anterior"),
        ({"S1": {"anterior": [1, 2]}}, "S1.posterior: Field required"),
        ({"femoral_heads": [{"center": [1, 2], "radius": 0}]}, r"femoral_heads\[0\].radius"),
        ({"bodies": {"L5": {"superior_anterior": [1]}}}, "bodies.L5.superior_anterior"),
        ({"hips": []}, "hips: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_landmark_file_is_named_with_its_fault(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    (tmp_path / "a.json").write_text(json.dumps({**landmarks_as_json(LANDMARKS), **change}), encoding="utf-8")
    with pytest.raises(DatalistError, match=rf"a\.json: is no landmark file: .*{fault}"):
        read_landmarks(tmp_path / "a.json")
