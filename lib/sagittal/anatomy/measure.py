"""The whole path: class mask or label map -> landmarks -> parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sagittal.anatomy.definitions import Definitions, default_definitions
from sagittal.anatomy.finding import ARC_SHOWN, HEADS_MISSING, ONE_HEAD, Found, find_landmarks
from sagittal.anatomy.fusion import fuse
from sagittal.anatomy.grid import ClassMask, label_film, working_grid
from sagittal.anatomy.landmarks import Side
from sagittal.anatomy.lateral_view import lateral_view_note
from sagittal.anatomy.measurement import Measurement
from sagittal.anatomy.network_landmark import NetworkLandmark
from sagittal.anatomy.parameters import parameters_from_landmarks
from sagittal.anatomy.quality import Note, judge, uncertain_values
from sagittal.anatomy.recut import recut
from sagittal.anatomy.remarks import remarks
from sagittal.anatomy.uncertainty import with_intervals


class MaskError(ValueError):
    """A mask that is none: wrong shape, type or ids."""


def measure_mask(
    mask: npt.NDArray[np.integer],
    *,
    pixel_aspect: tuple[float, float] = (1.0, 1.0),
    anterior: Side | None = None,
    seen: Sequence[NetworkLandmark] | None = None,
    definitions: Definitions | None = None,
) -> Measurement:
    """Measure a segmented lateral film.

    Args:
        mask: (rows, columns) integers: class ids 0..4, or structure ids of a label map, whose levels are then kept.
        pixel_aspect: size of a pixel (along rows' axis, along columns' axis), any unit.
        anterior: the side that the patient faces; None: told from the anatomy.
        seen: landmarks that the network which made the mask saw itself, empty where it sees none; fused with those of
            the mask. None: no network made it, its outline is taken as right.
        definitions: default: those of the package.

    Returns:
        Landmarks in film pixels and every parameter; what cannot be measured is absent with its reason.

    Raises:
        MaskError: wrong shape, type or ids.
        ValueError: pixel_aspect or anterior has no meaning.
    """
    definitions = definitions or default_definitions()
    row_size, column_size = pixel_aspect
    if not (0 < row_size < math.inf and 0 < column_size < math.inf):
        raise ValueError(f"pixel_aspect must be two positive numbers (row, column size), got {pixel_aspect}")
    if anterior not in (None, "left", "right"):
        raise ValueError(f'anterior must be "left", "right" or None, got {anterior!r}')
    ids = _checked(mask, definitions)
    is_label_map = int(ids.max()) > max(c.id for c in definitions.classes.values())
    aspect = row_size / column_size
    if seen and not is_label_map:
        ids = recut(ids, seen, aspect, definitions)
    grid, working = working_grid(ids, aspect)
    if is_label_map:
        found = find_landmarks(classes_of(working, definitions), working, grid, anterior, definitions)
        label_map = _heads_in_order(ids, working, found.labels, definitions)
    else:
        found = find_landmarks(working, None, grid, anterior, definitions)
        label_map = label_film(grid, found.labels, working, ids)
    if seen is not None:
        found = _fused(found, seen, aspect, definitions)
    parameters = parameters_from_landmarks(
        found.landmarks, pixel_aspect=pixel_aspect, definitions=definitions, missing=found.missing
    )
    parameters = with_intervals(parameters, found.uncertainty, definitions)
    notes = (*found.notes, *remarks(found.landmarks, parameters))
    if seen is not None:
        notes = (*notes, *uncertain_values(parameters, definitions.quality))
    if not any(note.weight == "stop" for note in notes):
        view = lateral_view_note(found.landmarks, aspect)
        notes = notes if view is None else (view, *notes)
    texts = tuple(note.text for note in notes)
    return Measurement(found.landmarks, parameters, judge(notes), texts, label_map, found.uncertainty)


def _fused(found: Found, seen: Sequence[NetworkLandmark], aspect: float, definitions: Definitions) -> Found:
    """What was found in the mask together with what the network saw."""
    fused = fuse(found.landmarks, found.uncertainty, seen, aspect, definitions)
    missing, told = dict(found.missing), set[str]()
    if fused.landmarks.s1 and "S1" in missing:
        told.add(missing.pop("S1"))
    if fused.landmarks.femoral_heads and not found.landmarks.femoral_heads:
        missing.pop("femoral_heads", None)
        told.add(HEADS_MISSING)
    if len(fused.landmarks.femoral_heads) > 1:
        told.add(ONE_HEAD)
    if fused.heads_seen:
        # How little of a head the mask shows says nothing of the disc that the network sees.
        told.update(note.text for note in found.notes if ARC_SHOWN in note.text)
    notes = [*(note for note in found.notes if note.text not in told), *fused.notes]
    if len(fused.landmarks.femoral_heads) == 1 and all(note.text != ONE_HEAD for note in notes):
        notes.append(Note(ONE_HEAD))
    return replace(found, landmarks=fused.landmarks, missing=missing, notes=tuple(notes), uncertainty=fused.uncertainty)


def _checked(mask: npt.NDArray[np.integer], definitions: Definitions) -> ClassMask:
    if not isinstance(mask, np.ndarray) or mask.ndim != 2 or mask.size == 0:
        got = mask.shape if isinstance(mask, np.ndarray) else type(mask).__name__
        raise MaskError(f"a mask must be an array of shape (rows, columns), got {got}")
    if mask.dtype.kind not in "iu":
        raise MaskError(f"a mask must hold integer ids, got {mask.dtype}: convert it to uint8")
    class_ids = [c.id for c in definitions.classes.values()]
    if mask.min() < 0 or mask.max() > max(class_ids):
        allowed = [0, *(s.id for s in definitions.structures.values())]
        unknown = sorted(set(np.unique(mask).tolist()) - set(allowed))
        if unknown:
            raise MaskError(
                f"a mask must hold class ids {class_ids} alone or structure ids {allowed} alone, got {unknown[:8]}"
            )
    return mask.astype(np.uint8, copy=False)


def classes_of(label_map: ClassMask, definitions: Definitions) -> ClassMask:
    """The class mask of a label map, both (rows, columns) uint8; ids of no structure become background."""
    table = np.zeros(256, dtype=np.uint8)
    for structure, class_id in definitions.class_of_structure.items():
        table[structure] = class_id
    return np.asarray(table[label_map])


def _heads_in_order(ids: ClassMask, working: ClassMask, found: ClassMask, definitions: Definitions) -> ClassMask:
    """A label map as it was given, with both heads' ids swapped where the second one's centre is more cranial."""
    first, second = (definitions.structures[f"femoral_head_{k}"].id for k in (1, 2))
    if not np.any((working == first) & (found == second)) and not np.any((working == second) & (found == first)):
        return ids.copy()
    table = np.arange(256, dtype=np.uint8)
    table[[first, second]] = second, first
    return np.asarray(table[ids])
