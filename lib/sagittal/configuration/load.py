"""Loading of YAML files with a schema: an error names the file and the key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

if TYPE_CHECKING:
    from monai.bundle import ConfigParser


class ConfigurationError(ValueError):
    """A configuration file is missing, is not YAML, or has an unknown key or a value of the wrong type."""


class Checked(BaseModel):
    """Base of every schema: unknown keys are errors, values are not coerced across types, instances are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, protected_namespaces=())


Schema = TypeVar("Schema", bound=BaseModel)


def config_folder() -> Path:
    """The folder of the YAML files: inside the installed package, or configs/ of the checkout."""
    packaged = Path(__file__).parent.parent / "configs"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "configs"


def read_yaml(path: Path) -> Any:
    """Parse a YAML file.

    Raises:
        ConfigurationError: the file cannot be read or is not YAML.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: is not valid YAML: {error}") from error


def load_checked(path: Path, schema: type[Schema]) -> Schema:
    """Load a YAML file and check it against a schema.

    Raises:
        ConfigurationError: names the file and every key that is unknown, missing or of the wrong type.
    """
    return check(read_yaml(path), schema, path)


def check(content: Any, schema: type[Schema], path: Path) -> Schema:
    """Check the content of a file against a schema.

    Raises:
        ConfigurationError: as `load_checked`.
    """
    try:
        # Strict in JSON mode: a list may stand for a tuple, a string never for a number.
        return schema.model_validate(content, strict=None)
    except ValidationError as error:
        faults = "; ".join(
            f"key '{'.'.join(map(str, fault['loc'])) or '(top)'}': {fault['msg']}" for fault in error.errors()
        )
        raise ConfigurationError(f"{path}: {faults}") from error


def load_bundle(path: Path) -> ConfigParser:
    """A MONAI bundle-format file as a parser that instantiates its `_target_` entries.

    Raises:
        ConfigurationError: the file cannot be read or is no mapping.
    """
    from monai.bundle import ConfigParser

    content = read_yaml(path)
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path}: expected a mapping at the top, got {type(content).__name__}")
    return ConfigParser(content)
