"""Whether bone is dark in what a file stores."""

from __future__ import annotations

from sagittal.header.field import Header, words


def is_inverted(header: Header) -> bool:
    """MONOCHROME1 and PresentationLUTShape INVERSE say the same thing (DICOM PS3.3, C.8.11.3.1.2)."""
    shape = words(header, "PresentationLUTShape").upper()
    return words(header, "PhotometricInterpretation") == "MONOCHROME1" or shape == "INVERSE"
