"""Errors as their likelihood sees them. Errors have longer tails than a normal distribution: Student's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize

Array = npt.NDArray[np.float64]
FREEDOM = 4.0
# So many errors tell a constant; of fewer none is fitted.
LEAST = 30
MOST_POWER = 3.0


def student(squared: Array, dimensions: int) -> Array:
    """Surprise of squared errors in so many dimensions, in shares of their scale, but for a constant."""
    return np.asarray((FREEDOM + dimensions) / 2 * np.log1p(squared / FREEDOM))


def fit_scales(errors: Array, heights: Array) -> tuple[list[float], float]:
    """Scales of the columns of errors (N, K) and one power of the heights (N,), at which they are likeliest.

    Heights that are all the same tell no power; it then is 1.
    """
    columns = errors.shape[1]
    alike = bool(np.ptp(heights) < 1e-9)

    def surprise(unknown: Array) -> float:
        power = 1.0 if alike else unknown[columns]
        scales = np.exp(unknown[:columns]) * heights[:, None] ** -power
        return float((np.log(scales) + student((errors / scales) ** 2, 1)).sum(axis=1).mean())

    start = np.append(np.full(columns, -3.0), 1.0)
    found = optimize.minimize(surprise, start, method="Nelder-Mead", options={"maxiter": 2000}).x
    power = 1.0 if alike else float(np.clip(found[columns], 0.0, MOST_POWER))
    return [float(np.exp(value)) for value in found[:columns]], power
