"""Results as DICOM objects of the film's own study: a segmentation and a structured report."""

from sagittal.report.dicom.segmentation import segmentation_of
from sagittal.report.dicom.source import DicomSource, read_source
from sagittal.report.dicom.structured_report import structured_report_of

__all__ = ["DicomSource", "read_source", "segmentation_of", "structured_report_of"]
