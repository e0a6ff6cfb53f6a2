"""What the user sees: a class for each section of SpinoPelvic.ui, and the panel that joins them.

Needs Slicer's Qt. Sections read what is to be shown from a `View` and tell the workflow or the film logic what the
user wants; none knows another.
"""

from .panel import Panel

__all__ = ["Panel"]
