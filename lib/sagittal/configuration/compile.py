"""Compiles what the anatomy must know of configs/ to the JSON that it reads without YAML or pydantic."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sagittal.configuration.clinical import Clinical
from sagittal.configuration.load import load_checked
from sagittal.configuration.schema import (
    CalibrationFile,
    FusionFile,
    Labels,
    Parameters,
    QualityFile,
    Slopes,
    Spacing,
    Uncertainty,
)


def definitions_as_json(configs: Path) -> str:
    """The text of definitions.json for a folder of YAML files.

    Raises:
        ConfigurationError: a file does not fit its schema.
    """
    labels = load_checked(configs / "labels.yaml", Labels)
    parameters = load_checked(configs / "parameters.yaml", Parameters)
    clinical = load_checked(configs / "clinical.yaml", Clinical)
    uncertainty = load_checked(configs / "uncertainty.yaml", Uncertainty)
    fusion = load_checked(configs / "fusion.yaml", FusionFile)
    calibration = load_checked(configs / "calibration.yaml", CalibrationFile)
    quality = load_checked(configs / "quality.yaml", QualityFile)
    spacing = load_checked(configs / "spacing.yaml", Spacing)
    slopes = load_checked(configs / "slopes.yaml", Slopes)
    content = {
        **labels.model_dump(by_alias=True),
        **parameters.model_dump(),
        **clinical.model_dump(),
        **uncertainty.model_dump(),
        **spacing.model_dump(),
        **slopes.model_dump(),
        **fusion.model_dump(),
        **calibration.model_dump(),
        **quality.model_dump(),
    }
    return json.dumps(content, indent=1) + "\n"


def compile_definitions(configs: Path, target: Path) -> None:
    """Write definitions.json where it is missing or out of date."""
    text = definitions_as_json(configs)
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    compile_definitions(Path(sys.argv[1]), Path(sys.argv[2]))
