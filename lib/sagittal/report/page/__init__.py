"""The one-page report of a film as PDF."""

from sagittal.report.page.report import report_pdf

__all__ = ["report_pdf"]
