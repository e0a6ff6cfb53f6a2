"""The command line: `sagittal measure`, `simulate`, `train`, `evaluate`, `serve`, `demo`."""

from sagittal.cli.app import app, main

__all__ = ["app", "main"]
