"""Scaling of the values that the value branch learns, from the training films, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ValueScale:
    """scaled = (value - offset) / factor, value by value; `offset` and `factor` are (V,)."""

    method: str
    offset: Array
    factor: Array

    @classmethod
    def degrees(cls, values: int) -> ValueScale:
        """Of a network that emits degrees (or %) itself."""
        return cls("degrees", np.zeros(values), np.ones(values))

    @classmethod
    def fit(cls, values: Array, method: str) -> ValueScale:
        """From (films, V) values with NaN where absent; a value seen never or only once is left as it is.

        Raises:
            ValueError: unknown method.
        """
        if method not in ("standardise", "min_max"):
            raise ValueError(f"Expected standardise or min_max, got {method!r}")
        offset, factor = np.zeros(values.shape[1]), np.ones(values.shape[1])
        for column, seen in enumerate(values.T):
            seen = seen[np.isfinite(seen)]
            if not seen.size:
                continue
            offset[column] = seen.mean() if method == "standardise" else seen.min()
            spread = float(seen.std() if method == "standardise" else np.ptp(seen))
            factor[column] = spread if spread > 1e-6 else 1.0
        return cls(method, offset, factor)

    def scale(self, values: Array) -> Array:
        """(..., V) in degrees or % -> what the network learns."""
        return (values - self.offset) / self.factor

    def invert(self, scaled: Array) -> Array:
        """(..., V) of the network -> degrees or %."""
        return scaled * self.factor + self.offset

    def as_dict(self) -> dict[str, Any]:
        """For a model file."""
        return {"method": self.method, "offset": self.offset.tolist(), "factor": self.factor.tolist()}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> ValueScale:
        """What `as_dict` gave.

        Raises:
            KeyError, TypeError, ValueError: the content is something else.
        """
        offset, factor = (np.asarray(content[key], dtype=np.float64) for key in ("offset", "factor"))
        if offset.shape != factor.shape or offset.ndim != 1:
            raise ValueError(f"Expected offset and factor of one length, got {offset.shape} and {factor.shape}")
        return cls(str(content["method"]), offset, factor)
