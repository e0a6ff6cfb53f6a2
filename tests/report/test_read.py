"""An inspection comes back from its JSON, its film and its label map."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sagittal.inference import Inspection
from sagittal.report import result_as_json
from sagittal.report.read import inspection_from_json

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
