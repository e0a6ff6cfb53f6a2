"""A stand-in for what slicer-core lacks of the desktop application: Qt, ctk, `slicer.app`, the module base classes.

PySide6 takes the place of PythonQt, Slicer's own binding: `qt` flattens its modules and makes properties attributes.
The scene, the slice logic and all nodes are Slicer's own.
"""

from .application import Desktop
from .install import install

__all__ = ["Desktop", "install"]
