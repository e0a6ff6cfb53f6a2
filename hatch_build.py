"""Build hook: compiles configs/ to the one JSON that the anatomy carries."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileDefinitions(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        sys.path.insert(0, str(root / "lib"))
        from sagittal.configuration.compile import compile_definitions

        compile_definitions(root / "configs", root / "lib/sagittal/anatomy/definitions.json")
