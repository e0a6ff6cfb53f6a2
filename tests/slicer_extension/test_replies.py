"""Answers of the server are read byte for byte, or refused with what to do."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests_toolbelt import MultipartEncoder
from SpinoPelvicLib.errors import ServerError
from SpinoPelvicLib.replies import Label, parseInference

PARAMS = {"label_names": {"L1": 20}, "label_colors": {"L1": [1, 2, 3]}, "result": {"model": "bilunet"}}


def _answer(params: object, image: bytes) -> tuple[str, bytes]:
    """As MONAI Label encodes it."""
    encoder = MultipartEncoder(
        fields={
            "params": (None, json.dumps(params), "application/json"),
            "image": ("label.nrrd", image, "application/octet-stream"),
        }
    )
    return encoder.content_type, encoder.to_string()


@given(st.binary() | st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"--", b"\0", b"\xff", b"x"])).map(b"".join))
def test_the_label_map_arrives_byte_for_byte(image: bytes) -> None:
    inference = parseInference(*_answer(PARAMS, image))
    assert inference.labelMap == image
    assert inference.labels == {"L1": Label("L1", 20, (1, 2, 3))}
    assert inference.result == {"model": "bilunet"}


def test_an_answer_without_a_label_map_is_read() -> None:
    assert parseInference("application/json", json.dumps(PARAMS).encode()).labelMap is None


def test_an_answer_that_was_cut_off_is_refused() -> None:
    contentType, body = _answer(PARAMS, b"x" * 1000)
    with pytest.raises(ServerError, match="cut off"):
        parseInference(contentType, body[:-500])


@pytest.mark.parametrize("params", [{}, {"label_names": {"L1": 20}}, {"result": {}}])
def test_the_answer_of_another_app_is_refused(params: dict[str, object]) -> None:
    with pytest.raises(ServerError, match="Sagittal server"):
        parseInference(*_answer(params, b""))


def test_what_is_no_answer_is_refused() -> None:
    with pytest.raises(ServerError, match="cannot be read"):
        parseInference("text/html", b"<html>")
