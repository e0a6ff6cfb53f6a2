"""What a DICOM header says of the view: whether the film is a lateral one of the lumbar spine."""

from __future__ import annotations

from sagittal.header.field import Header, words

# Defined terms and common words of ViewPosition (0018,5101) for what is not lateral.
_NOT_LATERAL = {"AP": "AP", "PA": "PA", "RLO": "oblique", "LLO": "oblique", "LAO": "oblique", "RAO": "oblique",
                "LPO": "oblique", "RPO": "oblique", "OBLIQUE": "oblique", "AXIAL": "axial"}  # fmt: skip
# Of BodyPartExamined (DICOM PS3.16, annex L): what shows no lumbar spine. The regions around it (abdomen, pelvis) stand
# on lumbar films often enough not to be held against one.
_OTHER_PARTS = {
    "ANKLE", "ARM", "BREAST", "CHEST", "CLAVICLE", "CSPINE", "ELBOW", "EXTREMITY", "EYE", "FINGER", "FOOT", "FOREARM",
    "HAND", "HEAD", "HIP", "HUMERUS", "JAW", "KNEE", "LEG", "NECK", "RIB", "SCAPULA", "SHOULDER", "SKULL", "TEETH",
    "THORAX", "TIBIA", "TOE", "WRIST",
}  # fmt: skip


def view_doubt_of(header: Header) -> str | None:
    """Why by its header the film is no lateral lumbar one; None where the header does not say so.

    Looks at ViewPosition, ViewCodeSequence, PatientOrientation and BodyPartExamined, in this order. Headers are wrong
    often enough that this is a doubt and no refusal.
    """
    position = words(header, "ViewPosition").upper()
    if position in _NOT_LATERAL:
        return f"the file says view {_NOT_LATERAL[position]}, not lateral"
    codes = header.get("ViewCodeSequence") or []
    meaning = words(codes[0], "CodeMeaning") if len(codes) and hasattr(codes[0], "get") else ""
    if meaning and "lateral" not in meaning.lower():
        return f"the file says view {meaning}, not lateral"
    orientation = header.get("PatientOrientation")
    if orientation is not None and not isinstance(orientation, str) and len(orientation) == 2:
        rightward = str(orientation[0]).upper()
        if rightward[:1] in ("L", "R"):
            return "the file says that the patient was seen from the front or back, not from the side"
    part = words(header, "BodyPartExamined").upper()
    return f"the file says body part {part}" if part in _OTHER_PARTS else None
