"""Whether a DICOM object is a single X-ray film at all."""

from __future__ import annotations

from sagittal.header.field import Header, integer, words

FILMS = ("CR", "DX", "RG", "OT", "SC")
_FILMS_IN_DOUBT = {"RF": "radiofluoroscopy", "XA": "angiography"}
_NOT_FILMS = {
    "CT": "a CT slice",
    "MR": "an MR slice",
    "US": "an ultrasound image",
    "PT": "a PET slice",
    "NM": "a nuclear medicine image",
    "MG": "a mammogram",
    "SEG": "a segmentation",
    "SR": "a structured report",
    "PR": "a presentation state",
    "KO": "a key object selection",
    "DOC": "a document",
}


def why_no_film(header: Header) -> str | None:
    """Why the object is no single film, and what to do, as the end of a sentence ("is a CT slice, .."); None: it is."""
    modality = words(header, "Modality")
    if modality and modality not in FILMS and modality not in _FILMS_IN_DOUBT:
        kind = _NOT_FILMS.get(modality, f"an object of modality {modality}")
        return f"is {kind}, not a lateral X-ray (CR, DX, RG, or a secondary capture of one)"
    if "PixelData" not in header:
        return "is DICOM without an image (truncated, or no film); send or export the film again"
    frames = integer(header, "NumberOfFrames") if header.get("NumberOfFrames") is not None else 1
    if frames > 1:
        return f"holds {frames} frames, not one lateral X-ray; export the one film"
    return None


def doubts_of(header: Header) -> tuple[str, ...]:
    """What a reader should know of a film that is not quite what is asked for."""
    doubts: list[str] = []
    modality = words(header, "Modality")
    if not modality:
        doubts.append("DICOM without a modality: taken for an X-ray")
    if modality in _FILMS_IN_DOUBT:
        doubts.append(f"modality {modality} ({_FILMS_IN_DOUBT[modality]}): distortion is not corrected")
    view = words(header, "ViewPosition").upper()
    if view in ("AP", "PA"):
        doubts.append(f"the file says view {view}, not lateral")
    if words(header, "PresentationIntentType").upper() == "FOR PROCESSING":
        doubts.append("raw film (for processing): contrast is not that of the finished film")
    return tuple(doubts)
