"""The real server segments a film and measures it exactly as the library does."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any, NamedTuple

import nrrd
import numpy as np
import numpy.typing as npt
import pytest
import requests
from PIL import Image
from requests_toolbelt import MultipartDecoder
from sagittal.anatomy.definitions import default_definitions
from sagittal.films import read_film, write_label_map
from sagittal.inference import Inspection, Predictor, inspect_film, shipped_model
from sagittal.inference.expected_error import expected_error
from sagittal.report import result_as_json

MODELS = ("spine", "bilunet", "mbnet")


class Reply(NamedTuple):
    params: dict[str, Any]
    label_map: npt.NDArray[np.uint8]
    header: dict[str, Any]


def infer(url: str, model: str, film: str, folder: Path) -> Reply:
    """What the server answers, its label map read by pynrrd."""
    response = requests.post(f"{url}/infer/{model}", params={"image": film}, timeout=300)
    response.raise_for_status()
    params, image = MultipartDecoder.from_response(response).parts
    path = folder / "reply.nrrd"
    path.write_bytes(image.content)
    label_map, header = nrrd.read(str(path), index_order="F")
    return Reply(json.loads(params.content), label_map, header)


def film_path(server: Any) -> Path:
    return sorted(server.studies.glob("sim-*.png"))[0]


@pytest.fixture(scope="module", params=MODELS)
def answered(
    request: pytest.FixtureRequest, sagittal_server: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Reply, Inspection]:
    """A model's answer over HTTP, and what the library finds on the same film with the same weights."""
    path = film_path(sagittal_server)
    reply = infer(sagittal_server.url, request.param, path.stem, tmp_path_factory.mktemp("reply"))
    return reply, inspect_film(read_film(path), Predictor(shipped_model(request.param)))


def test_the_server_lists_all_models_with_our_ids_and_colours(sagittal_server: Any) -> None:
    info = requests.get(f"{sagittal_server.url}/info/", timeout=60).json()
    structures = default_definitions().structures
    assert set(info["models"]) == set(info["trainers"]) == set(MODELS)
    for model in info["models"].values():
        assert model["type"] == "segmentation"
        assert model["labels"] == {name: structure.id for name, structure in structures.items()}
        assert model["label_colors"] == {name: list(structure.color) for name, structure in structures.items()}
        assert model["origin"] == "shipped"
        assert "Not for clinical use" in model["description"]
    assert set(info["strategies"]) == {"random", "most_uncertain"}


def test_the_label_map_holds_our_ids_on_the_film_s_grid(answered: tuple[Reply, Inspection]) -> None:
    reply, inspection = answered
    rows, columns = inspection.film.shape
    assert reply.label_map.dtype == np.uint8
    assert reply.label_map.shape == (columns, rows, 1)
    assert np.array_equal(reply.label_map[:, :, 0].T, inspection.measurement.label_map)


def test_the_label_map_has_the_film_s_exact_geometry(answered: tuple[Reply, Inspection], tmp_path: Path) -> None:
    reply, inspection = answered
    assert reply.header["space"] == "left-posterior-superior"
    assert np.array_equal(reply.header["space directions"], inspection.film.affine[:3, :3].T)
    assert np.array_equal(reply.header["space origin"], inspection.film.affine[:3, 3])
    write_label_map(tmp_path / "own.nrrd", inspection.measurement.label_map, inspection.film)
    own = nrrd.read_header(str(tmp_path / "own.nrrd"))
    assert own.keys() == reply.header.keys()
    assert all(np.array_equal(own[key], reply.header[key]) for key in own)


def test_the_json_is_the_library_s_without_the_server_s_folder(answered: tuple[Reply, Inspection]) -> None:
    reply, inspection = answered
    expected = result_as_json(inspection)
    expected["film"]["path"] = Path(expected["film"]["path"]).name
    # Sums are rounded by the number of threads: the last digit of a value may differ between processes.
    assert_alike(reply.params["result"], json.loads(json.dumps(expected)))


def assert_alike(found: Any, expected: Any) -> None:
    """The same names, texts and lengths; numbers to two units of the last digit that is written."""
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        for name, value in expected.items():
            assert_alike(found[name], value)
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_alike(one, other)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, abs=0.021)
    else:
        assert found == expected


def test_names_and_colours_are_those_of_the_structures_in_the_map(answered: tuple[Reply, Inspection]) -> None:
    reply, _ = answered
    structures = default_definitions().structures
    assert set(reply.params["label_names"].values()) == set(np.unique(reply.label_map).tolist()) - {0}
    for name, value in reply.params["label_names"].items():
        assert structures[name].id == value
        assert reply.params["label_colors"][name] == list(structures[name].color)


def test_mbnet_shows_its_own_values_beside_the_geometric_ones(sagittal_server: Any, tmp_path: Path) -> None:
    film = film_path(sagittal_server).stem
    branch = infer(sagittal_server.url, "mbnet", film, tmp_path).params["result"]["value_branch"]
    assert list(branch) == list(default_definitions().value_branch)
    assert all(parameter["value"] is not None for parameter in branch.values())
    assert infer(sagittal_server.url, "bilunet", film, tmp_path).params["result"]["value_branch"] is None


def upload(server: Any, name: str, content: bytes) -> requests.Response:
    files = {"file": (name, content)}
    return requests.post(f"{server.url}/infer/spine?output=json", files=files, timeout=300)


def black_png() -> bytes:
    file = io.BytesIO()
    Image.new("L", (300, 400)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("kind", ["text", "truncated", "empty", "black"])
def test_a_bad_film_gets_a_reason(sagittal_server: Any, kind: str) -> None:
    whole = film_path(sagittal_server).read_bytes()
    content = {
        "text": b"this is no picture",
        "truncated": whole[: len(whole) // 2],
        "empty": b"",
        "black": black_png(),
    }[kind]
    response = upload(sagittal_server, "film.png", content)
    assert response.status_code == 422
    file, reason = response.json()["detail"].split(": ", maxsplit=1)
    assert file.endswith(".png")
    assert "/" not in file, "the server's folders stay its own"
    assert reason


@pytest.mark.parametrize(
    ("model", "film", "status"),
    [("bilunet", "absent", 404), ("bilunet", "/etc/hostname", 404), ("unknown", None, 400)],
)
def test_what_does_not_exist_is_named(sagittal_server: Any, model: str, film: str | None, status: int) -> None:
    name = film or film_path(sagittal_server).stem
    response = requests.post(f"{sagittal_server.url}/infer/{model}", params={"image": name}, timeout=60)
    assert response.status_code == status
    assert (film or model) in response.json()["detail"]


def test_the_next_random_film_is_one_of_the_folder(sagittal_server: Any) -> None:
    sample = requests.post(f"{sagittal_server.url}/activelearning/random", json={}, timeout=60).json()
    assert (sagittal_server.studies / f"{sample['id']}.png").is_file()


def test_the_most_uncertain_film_is_the_one_expected_to_be_farthest_off(sagittal_server: Any) -> None:
    sample = requests.post(f"{sagittal_server.url}/activelearning/most_uncertain", json={}, timeout=300).json()
    predictor = Predictor(shipped_model("spine"))
    errors = {path.stem: expected_error(read_film(path), predictor) for path in sagittal_server.studies.glob("*.png")}
    assert sample["uncertainty"] == pytest.approx(errors[sample["id"]], rel=1e-3)
    assert sample["id"] == max(errors, key=lambda name: errors[name])
    kept = json.loads((sagittal_server.studies / ".sagittal" / "uncertainty.json").read_text())["scores"]
    assert kept[sample["id"]] == max(kept.values())
    assert len(kept) == sample["scored"]


def test_a_label_that_cannot_be_learned_from_is_refused(sagittal_server: Any) -> None:
    film = film_path(sagittal_server).stem
    files = {"label": ("label.nrrd", b"garbage")}
    response = requests.put(f"{sagittal_server.url}/datastore/label", params={"image": film}, files=files, timeout=60)
    assert response.status_code == 422
    assert "the label" in response.json()["detail"]
    assert not list((sagittal_server.studies / "labels" / "final").glob(f"{film}.*"))


def test_a_film_of_another_format_appears_when_it_is_put_into_the_folder(sagittal_server: Any) -> None:
    Image.open(film_path(sagittal_server)).save(sagittal_server.studies / "added.jpeg")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if "added" in requests.get(f"{sagittal_server.url}/datastore/?output=all", timeout=60).json()["objects"]:
            return
        time.sleep(0.2)
    pytest.fail("the folder was not read again")


def test_logs_lie_with_the_films_and_are_served_from_there(sagittal_server: Any) -> None:
    assert "Application startup" in sagittal_server.log.read_text()
    assert (sagittal_server.studies / ".sagittal" / "logs" / "app.log").is_file()
    served = requests.get(f"{sagittal_server.url}/logs/", params={"html": "false", "lines": 5}, timeout=60)
    assert served.status_code == 200
    assert served.text.strip()


def test_the_server_still_answers_after_a_reload(sagittal_server: Any, tmp_path: Path) -> None:
    assert requests.post(f"{sagittal_server.url}/reload", timeout=60).status_code == 200
    assert requests.post(f"{sagittal_server.url}/activelearning/random", json={}, timeout=60).json()["id"]
    assert infer(sagittal_server.url, "bilunet", film_path(sagittal_server).stem, tmp_path).params["model"]
