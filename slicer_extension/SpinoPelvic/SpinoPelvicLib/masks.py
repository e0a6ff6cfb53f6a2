"""Masks of segments, packed so that many states of a film can be kept. Without a scene."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class PackedMask:
    """A mask (rows, columns) as the bits of its bounding box (top, left, height, width)."""

    shape: tuple[int, int]
    box: tuple[int, int, int, int]
    bits: bytes

    @classmethod
    def of(cls, mask: np.ndarray) -> PackedMask:
        """Pack a boolean (rows, columns) array; an empty one has an empty box."""
        rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return cls(mask.shape, (0, 0, 0, 0), b"")
        top, left = int(rows[0]), int(columns[0])
        window = mask[top : rows[-1] + 1, left : columns[-1] + 1]
        return cls(mask.shape, (top, left, *window.shape), zlib.compress(np.packbits(window).tobytes(), 1))

    def unpacked(self) -> np.ndarray:
        """(rows, columns) bool."""
        mask = np.zeros(self.shape, bool)
        top, left, height, width = self.box
        if height:
            bits = np.frombuffer(zlib.decompress(self.bits), np.uint8)
            window = np.unpackbits(bits, count=height * width).reshape(height, width)
            mask[top : top + height, left : left + width] = window.astype(bool)
        return mask

    def toJson(self) -> dict[str, Any]:
        return {"shape": self.shape, "box": self.box, "bits": base64.b64encode(self.bits).decode()}

    @classmethod
    def fromJson(cls, content: Mapping[str, Any]) -> PackedMask:
        return cls(tuple(content["shape"]), tuple(content["box"]), base64.b64decode(content["bits"]))


Masks = Mapping[str, PackedMask]
"""Segment name -> mask."""


def changedNames(before: Masks, after: Masks) -> tuple[str, ...]:
    """Segments that are not what they were, new and removed ones too."""
    names = dict.fromkeys((*before, *after))
    return tuple(name for name in names if before.get(name) != after.get(name))
