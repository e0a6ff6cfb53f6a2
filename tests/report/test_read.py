"""An inspection comes back from its JSON, its film and its label map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sagittal.inference import Inspection
from sagittal.report import ReportError, result_as_json, write_inspection
from sagittal.report.read import inspection_from_json, read_result

Make = Callable[..., Inspection]


@pytest.mark.parametrize("value_branch", [True, False])
@pytest.mark.parametrize("has_heads", [True, False])
def test_reading_and_writing_again_gives_the_same_json(
    make_inspection: Make, value_branch: bool, has_heads: bool
) -> None:
    heads = {} if has_heads else {"heads": ()}
    inspection = make_inspection(value_branch=value_branch, **heads)
    result = result_as_json(inspection)
    again = inspection_from_json(result, inspection.film, inspection.measurement.label_map)
    assert result_as_json(again) == result


def test_another_schema_version_is_refused(make_inspection: Make) -> None:
    inspection = make_inspection()
    result = {**result_as_json(inspection), "schema_version": 99}
    with pytest.raises(ValueError, match="schema version 1, got 99"):
        inspection_from_json(result, inspection.film, inspection.measurement.label_map)


def test_a_label_map_of_another_film_is_refused(make_inspection: Make) -> None:
    inspection = make_inspection()
    with pytest.raises(ValueError, match=r"shape \(600, 360\).*\(360, 600\)"):
        inspection_from_json(result_as_json(inspection), inspection.film, np.zeros((360, 600), np.uint8))


def test_a_written_result_is_read_as_it_is(make_inspection: Make, tmp_path: Path) -> None:
    paths = write_inspection(make_inspection(), tmp_path)
    assert read_result(paths.json) == result_as_json(make_inspection())


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "cannot be read"),
        (b"\x89PNG", "is no JSON"),
        (b"[1, 2]", "is no result of schema version 1"),
        (b'{"schema_version": 2, "film": {}, "parameters": {}}', "is no result of schema version 1"),
    ],
)
def test_what_is_no_result_is_refused_by_name(tmp_path: Path, content: bytes | None, fault: str) -> None:
    if content is not None:
        (tmp_path / "earlier.json").write_bytes(content)
    with pytest.raises(ReportError, match=rf"earlier\.json: {fault}"):
        read_result(tmp_path / "earlier.json")
