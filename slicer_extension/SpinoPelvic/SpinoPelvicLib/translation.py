"""Translation of what the user reads: Slicer's where there is one, the English text elsewhere."""

try:
    from slicer.i18n import tr as _
except ImportError:

    def _(text):
        return text


__all__ = ["_"]
