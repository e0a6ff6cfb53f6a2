"""Sagittal: spino-pelvic parameters from lateral lumbar X-rays. Not for clinical use."""

__version__ = "0.1.0"

NOT_FOR_CLINICAL_USE = "Not for clinical use"
