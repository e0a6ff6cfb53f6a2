"""What the user should know about the levels and values that were found."""

from __future__ import annotations

from collections.abc import Mapping

from sagittal.anatomy.landmarks import Landmarks
from sagittal.anatomy.measurement import ParameterValue
from sagittal.anatomy.parameters import LUMBAR_LEVELS
from sagittal.anatomy.quality import Note

# Beyond what has been published in adults (PI 20 to 100); a value outside says that a landmark is wrong.
PLAUSIBLE_PELVIC_INCIDENCE = (15.0, 110.0)


def remarks(landmarks: Landmarks, parameters: Mapping[str, ParameterValue]) -> tuple[Note, ...]:
    """Notes on levels beyond, or short of, five lumbar bodies, and on values that cannot be."""
    notes = []
    bodies = landmarks.bodies
    thoracic = [level for level in bodies if level.startswith("T")]
    if thoracic and "L1" in bodies:
        are = "is" if len(thoracic) == 1 else "are"
        notes.append(Note(f"{', '.join(thoracic)} above L1 {are} visible and not part of LL", "remark"))
    if "L6" in bodies:
        notes.append(Note("six lumbar bodies: LL starts at L1 and includes L6"))
    lumbar = [level for level in reversed(LUMBAR_LEVELS) if level in bodies]
    if lumbar and "L1" not in bodies and not thoracic:
        notes.append(
            Note(
                f"lumbar bodies found: {len(lumbar)}, the uppermost counted as {lumbar[-1]}; L1 is outside the film "
                "or missed, or the patient has fewer than five: LL, which starts at L1, is absent"
            )
        )
    incidence = parameters["PI"].value if "PI" in parameters else None
    low, high = PLAUSIBLE_PELVIC_INCIDENCE
    if incidence is not None and not low < incidence < high:
        notes.append(Note(f"PI of {incidence:.1f} degrees is implausible: check S1 end plate and femoral heads"))
    return tuple(notes)
