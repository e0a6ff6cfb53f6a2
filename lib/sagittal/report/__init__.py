"""Report: an inspection as JSON, as an overlay picture and as files."""

from sagittal.report.error import ReportError
from sagittal.report.overlay import overlay_png
from sagittal.report.result import result_as_json
from sagittal.report.write import ReportPaths, write_inspection

__all__ = ["ReportError", "ReportPaths", "overlay_png", "result_as_json", "write_inspection"]
