"""Errors that say what is wrong."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import JSONResponse
from monailabel.interfaces.exception import ImageNotFoundException, LabelNotFoundException, MONAILabelException


def answer_known_errors() -> None:
    """Let MONAI Label's own exceptions be answers with a reason; without this each is a bare 500.

    Only where the server's web application is loaded. The application has built its middleware by then: it is told to
    build it again.
    """
    from monailabel.app import app

    app.add_exception_handler(MONAILabelException, _answer)
    app.middleware_stack = None


def _answer(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MONAILabelException)
    missing = isinstance(error, (ImageNotFoundException, LabelNotFoundException))
    return JSONResponse({"detail": error.msg}, status_code=404 if missing else 400)
