"""The module's own self-test, on slicer-core."""

from SpinoPelvicLib.Testing.ResultTestCase import ResultTestCase

__all__ = ["ResultTestCase"]
