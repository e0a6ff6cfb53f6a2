"""Class masks as others write them, made ours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.definitions import default_definitions
from sagittal.datasets.importers.source import AnnotationError

ClassMask = npt.NDArray[np.uint8]
CLASSES = {name: definition.id for name, definition in default_definitions().classes.items()}
# Five classes spread over the greys 0..255, as viewers like them: rounded down and up.
SPREAD = {round_(255 * k / 4): k for k in range(5) for round_ in (int, lambda x: int(np.ceil(x)))}


def class_mask(ids: ClassMask) -> tuple[ClassMask, tuple[str, ...]]:
    """A mask of ids 0..4, or of these spread over 0..255 (0, 63 or 64, 127 or 128, 191 or 192, 255), and remarks.

    Raises:
        AnnotationError: other values, or no vertebra in it.
    """
    found = np.unique(ids).tolist()
    remarks: tuple[str, ...] = ()
    if found[-1] > max(CLASSES.values()):
        if not set(found) <= SPREAD.keys() or len(found) < 3:
            raise AnnotationError(
                f"the mask holds the values {found[:8]}{' ..' if len(found) > 8 else ''}; expected the class ids 0 to 4"
            )
        table = np.zeros(256, np.uint8)
        table[list(SPREAD)] = list(SPREAD.values())
        ids = table[ids]
        remarks = ("class ids were spread over 0..255 in the source's mask",)
    if not (ids == CLASSES["vertebra"]).any():
        raise AnnotationError("the mask holds no vertebra")
    return ids, remarks
