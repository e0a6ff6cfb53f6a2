"""Schema of configs/ct_labels.yaml."""

from __future__ import annotations

from pathlib import Path

from pydantic import RootModel

from sagittal.configuration import config_folder, load_checked
from sagittal.configuration.load import Checked


class LabelScheme(Checked):
    """Which labels of a CT's label map are which structures."""

    levels: dict[str, int]
    sacrum: list[int]
    femora: list[int]


class _Schemes(RootModel[dict[str, LabelScheme]]):
    pass


def load_label_schemes(path: Path | None = None) -> dict[str, LabelScheme]:
    """The known schemes by name.

    Raises:
        ConfigurationError: the file does not fit the schema.
    """
    return load_checked(path or config_folder() / "ct_labels.yaml", _Schemes).root
