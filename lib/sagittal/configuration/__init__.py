"""Configuration: the YAML files of configs/, checked on loading."""

from sagittal.configuration.load import ConfigurationError, config_folder, load_bundle, load_checked

__all__ = ["ConfigurationError", "config_folder", "load_bundle", "load_checked"]
