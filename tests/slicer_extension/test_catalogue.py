"""What Slicer's catalogue and Sample Data module are given."""

from __future__ import annotations

import inspect
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from SpinoPelvicLib.film_logic import SceneFilmLogic
from SpinoPelvicLib.sample_data import FILMS, registerSampleData

EXTENSION = Path(__file__).parents[2] / "slicer_extension"
# Slicer's schema v1.0.2 of an entry: names and types of all that it may hold.
SCHEMA = {
    "$schema": str,
    "build_dependencies": list,
    "build_subdirectory": str,
    "category": str,
    "dicom_support_rule": str,
    "enabled": bool,
    "scm_revision": str,
    "scm_type": str,
    "scm_url": str,
    "tier": int,
}


def test_the_catalogue_entry_fits_slicers_schema_and_the_cmake_list() -> None:
    entry = json.loads((EXTENSION / "SpinoPelvic.json").read_text(encoding="utf-8"))
    assert entry["$schema"].endswith("slicer-extension-catalog-entry-schema-v1.0.2.json#")
    assert {"category", "scm_url"} <= entry.keys() <= SCHEMA.keys()
    assert all(type(value) is SCHEMA[key] for key, value in entry.items())
    assert entry["scm_type"] in ("git", "local")
    assert 1 <= entry["tier"] <= 5
    lists = (EXTENSION / "CMakeLists.txt").read_text(encoding="utf-8")
    assert entry["category"] == re.search(r'EXTENSION_CATEGORY "(.*)"', lists)[1]  # type: ignore[index]
    assert not re.search(r'EXTENSION_NAME "?Slicer', lists)


def test_the_licence_lies_beside_the_extension() -> None:
    assert "Apache License" in (EXTENSION.parent / "LICENSE").read_text(encoding="utf-8")


class Registered:
    """Of Slicer's SampleDataLogic what is called, with its parameters' names (Slicer 5.8)."""

    sources: list[dict[str, Any]] = []  # noqa: RUF012

    @staticmethod
    def registerCustomSampleDataSource(
        category: str = "Custom",
        sampleName: str | None = None,
        uris: Any = None,
        fileNames: Any = None,
        nodeNames: Any = None,
        customDownloader: Any = None,
        thumbnailFileName: str | None = None,
        loadFileType: Any = None,
        loadFiles: Any = None,
        loadFileProperties: Any = None,
        checksums: Any = None,
        sampleDescription: str | None = None,
    ) -> None:
        names = inspect.signature(Registered.registerCustomSampleDataSource).parameters
        Registered.sources.append({name: value for name, value in locals().items() if name in names})


def test_simulated_films_are_offered_and_loaded_as_films(slicer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("SampleData")
    module.SampleDataLogic = Registered  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "SampleData", module)
    logic = SceneFilmLogic()
    Registered.sources.clear()
    registerSampleData(logic.loadFilm)
    assert [source["sampleName"] for source in Registered.sources] == list(FILMS)
    for source in Registered.sources:
        (film,) = source["customDownloader"](None)
        assert Path(source["thumbnailFileName"]).is_file()
        assert logic.facts(film).rows == 720
        assert np.ptp(slicer.util.arrayFromVolume(film)) > 100
    logic.close()


def test_without_a_sample_data_module_nothing_happens(slicer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SampleData", None)
    registerSampleData(lambda path, name: None)
