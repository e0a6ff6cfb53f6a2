"""The CMake lists name every file there is, and what they gather runs with nothing installed in Slicer."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "slicer_extension" / "SpinoPelvic"
BLOCKED = ["yaml", "torch", "monai", "pydicom", "pydantic", "slicer", "vtk", "requests", "SimpleITK"]

# All modules but those that touch a scene or Qt.
WITHOUT_A_SCENE = [
    "anatomy",
    "batch",
    "client",
    "dicom_header",
    "errors",
    "export",
    "history",
    "levels",
    "masks",
    "outbox",
    "placing",
    "ports",
    "reading",
    "remeasure",
    "replies",
    "sheet",
    "signal",
    "text",
    "translation",
    "worker",
]
PROGRAM = f"""
import sys
for name in {BLOCKED}:
    sys.modules[name] = None
sys.path.insert(0, sys.argv[1])
import importlib
for name in {WITHOUT_A_SCENE}:
    importlib.import_module("SpinoPelvicLib." + name)
from pathlib import Path
for path in Path(sys.argv[1]).rglob("*.py"):
    compile(path.read_text(encoding="utf-8"), str(path), "exec")
from SpinoPelvicLib.anatomy import Body, Circle, EndPlate, Landmarks, default_definitions, measure_mask
from SpinoPelvicLib.export import sheetAsCsv
from SpinoPelvicLib.masks import PackedMask
from SpinoPelvicLib.reading import Measured, Setting, changed, readingFromJson, readingOf, readingToJson, withHead
from SpinoPelvicLib.remeasure import remeasured
from SpinoPelvicLib.sheet import sheetOf
import numpy as np
import sagittal.anatomy
assert "bundled" in sagittal.anatomy.__file__, sagittal.anatomy.__file__
corners = {{"superior_anterior": [10, 10], "superior_posterior": [50, 12],
           "inferior_anterior": [10, 38], "inferior_posterior": [50, 40]}}
landmarks = {{"L5": corners, "S1": {{"anterior": [20, 50], "posterior": [58, 30]}},
             "femoral_heads": [{{"center": [20, 120], "radius": 9}}]}}
result = {{"film": {{"anterior": "left"}}, "parameters": {{}}, "landmarks": landmarks}}
reading = readingOf(result, Setting())
moved = changed(reading, withHead(reading.landmarks, 0, Circle((30.0, 120.0), 9.0)), ("femoral head 1",), Setting())
assert readingFromJson(readingToJson(moved)) == moved
mask = np.zeros((160, 80), bool)
mask[10:40, 10:50] = True
remeasured(moved, {{"L5": PackedMask.of(mask)}}, ["L5"], Setting())
rows = {{row.name: row for row in sheetOf(moved, reading, "earlier").rows}}
print(rows["SS"].value, rows["PT"].edited, rows["PT"].change, len(sheetAsCsv(sheetOf(moved), "film").splitlines()) > 10)
"""


def _cmake(*arguments: str | Path) -> None:
    if shutil.which("cmake") is None:
        pytest.skip("cmake is not installed: sudo apt-get install cmake")
    done = subprocess.run(["cmake", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != "CMakeLists.txt"
    }


def _written_and_bundled() -> set[str]:
    library = ROOT / "lib"
    parts = (library / "sagittal/anatomy", library / "sagittal/header")
    bundled = {path.relative_to(library).as_posix() for part in parts for path in part.rglob("*.py")}
    bundled |= {"sagittal/__init__.py", "sagittal/anatomy/definitions.json"}
    return _files(MODULE) | {f"SpinoPelvicLib/bundled/{file}" for file in bundled}


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build folder of a build without Slicer."""
    build = tmp_path_factory.mktemp("build")
    _cmake("-S", ROOT, "-B", build, f"-DSAGITTAL_PYTHON={sys.executable}")
    return build


def test_without_slicer_the_build_gathers_every_file_of_the_module(gathered: Path) -> None:
    assert _files(gathered / "SpinoPelvic") == _written_and_bundled()


def test_against_a_slicer_tree_the_build_gathers_the_same(tmp_path: Path) -> None:
    if shutil.which("c++") is None:
        pytest.skip("no C++ compiler, which Slicer's CMake asks for: sudo apt-get install g++")
    tree = Path(__file__).with_name("slicer_tree")
    _cmake("-S", ROOT, "-B", tmp_path, f"-DSlicer_DIR={tree}", f"-DSAGITTAL_PYTHON={sys.executable}")
    assert _files(tmp_path / "lib/Slicer-5.8/qt-scripted-modules") == _written_and_bundled()
    assert (tmp_path / "unittests.txt").read_text() == "SpinoPelvic.py\n"


def test_the_gathered_folder_installs_and_packs(gathered: Path, tmp_path: Path) -> None:
    _cmake("--install", gathered, "--prefix", tmp_path)
    assert _files(tmp_path / "SpinoPelvic") == _written_and_bundled()
    subprocess.run(["cpack", "-B", str(tmp_path)], cwd=gathered, check=True, capture_output=True)
    (package,) = tmp_path.glob("SpinoPelvic-*.zip")
    with zipfile.ZipFile(package) as content:
        names = {name.removeprefix("SpinoPelvic/") for name in content.namelist() if not name.endswith("/")}
    assert names == _written_and_bundled()


def _run(python: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, "-B", "-c", PROGRAM, str(folder)], capture_output=True, text=True, check=False)


def test_the_gathered_folder_measures_with_numpy_and_scipy_alone(gathered: Path) -> None:
    """What Slicer imports lazily or brings along is blocked; the anatomy is the bundled one."""
    done = _run(sys.executable, gathered / "SpinoPelvic")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("27.8 True")


@pytest.mark.parametrize("path", sorted(MODULE.rglob("*.py")), ids=lambda path: path.name)
def test_the_module_is_written_for_python_3_9(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))


@pytest.mark.parametrize("version", ["3.9", "3.12"])
def test_the_gathered_folder_measures_on_the_pythons_of_slicer(gathered: Path, version: str) -> None:
    """The same, on Slicer 5.8's Python and on that of its successors: environments that `make pythons` makes."""
    environments = Path(os.environ.get("SAGITTAL_SLICER_PYTHONS", ROOT / ".venv" / "slicer"))
    python = environments / version / "bin" / "python"
    if not python.is_file():
        pytest.skip(f"{python} is missing: `make pythons` makes it where it finds a Python {version}")
    done = _run(str(python), gathered / "SpinoPelvic")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("27.8 True")
