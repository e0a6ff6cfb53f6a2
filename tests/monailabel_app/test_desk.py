"""The routes of the annotator's desk, on the real server."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from sagittal import __version__


def _films(server: Any) -> set[str]:
    return {requests.post(f"{server.url}/activelearning/random", json={}, timeout=60).json()["id"] for _ in range(12)}


def test_the_status_tells_films_labels_and_training(sagittal_server: Any) -> None:
    status = requests.get(f"{sagittal_server.url}/sagittal/status", timeout=60).json()
    assert status["version"] == __version__
    assert status["films"] >= 3
    assert status["training"] == {"running": False}
    assert status["train_after"] == 1000


def test_a_skipped_film_is_not_handed_out_until_it_is_taken_back(sagittal_server: Any) -> None:
    url = f"{sagittal_server.url}/sagittal/skip"
    reply = requests.put(url, params={"image": "sim-13"}, json={"reason": "hips are cut off"}, timeout=60)
    assert reply.json() == {"image": "sim-13", "skipped": 1}
    try:
        assert "sim-13" not in _films(sagittal_server)
        status = requests.get(f"{sagittal_server.url}/sagittal/status", timeout=60).json()
        assert status["skipped"] == 1
    finally:
        requests.delete(url, params={"image": "sim-13"}, timeout=60).raise_for_status()
    assert requests.delete(url, params={"image": "sim-13"}, timeout=60).status_code == 404


@pytest.mark.parametrize(
    ("image", "reason", "status", "says"),
    [("nothing", "why", 404, "no film 'nothing'"), ("sim-13", "  ", 422, "say why"), ("sim-13", "x" * 501, 422, "")],
)
def test_a_wrong_request_to_skip_says_what_is_wrong(
    sagittal_server: Any, image: str, reason: str, status: int, says: str
) -> None:
    url = f"{sagittal_server.url}/sagittal/skip"
    reply = requests.put(url, params={"image": image}, json={"reason": reason}, timeout=60)
    assert reply.status_code == status
    assert says in str(reply.json()["detail"])
