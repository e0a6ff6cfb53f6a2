"""Report: an inspection as JSON, as a picture, as a page, as DICOM, as a table and as files."""

from sagittal.report.error import ReportError
from sagittal.report.extra import Extra
from sagittal.report.overlay import overlay_png
from sagittal.report.result import result_as_json
from sagittal.report.write import ReportPaths, write_inspection

__all__ = ["Extra", "ReportError", "ReportPaths", "overlay_png", "result_as_json", "write_inspection"]
