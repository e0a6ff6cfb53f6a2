"""Slopes of plates have one sign, whichever way the patient faces."""

from __future__ import annotations

import numpy as np
import pytest
from sagittal.anatomy.landmarks import posterior_sign, slope_of


@pytest.mark.parametrize("slope", [-30.0, 0.0, 12.0, 89.0, 120.0])
def test_a_slope_is_positive_where_the_posterior_end_is_higher_whichever_way_the_patient_faces(slope: float) -> None:
    turn = np.radians(slope)
    # y points down: the posterior end of a plate that rises backward has the smaller y.
    up = -10 * np.sin(turn)
    assert slope_of((5.0, 3.0), (5.0 + 10 * np.cos(turn), 3.0 + up), posterior_sign("left")) == pytest.approx(slope)
    assert slope_of((5.0, 3.0), (5.0 - 10 * np.cos(turn), 3.0 + up), posterior_sign("right")) == pytest.approx(slope)
