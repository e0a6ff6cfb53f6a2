"""Whether a picture is a lateral lumbar film at all, told from the picture itself and from what its file says of it.

What needs torch is imported when it is asked for.
"""

from typing import TYPE_CHECKING, Any

from sagittal.view.kinds import KINDS, LATERAL, View
from sagittal.view.verdict import with_view

if TYPE_CHECKING:
    from sagittal.view.look import ViewCheck, view_check

__all__ = ["KINDS", "LATERAL", "View", "ViewCheck", "view_check", "with_view"]


def __getattr__(name: str) -> Any:
    if name in ("ViewCheck", "view_check"):
        from sagittal.view import look

        return getattr(look, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
