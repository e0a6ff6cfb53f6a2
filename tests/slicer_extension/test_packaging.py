"""The CMake lists name every file there is, and what they gather runs with nothing installed in Slicer."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "slicer_extension" / "SpinoPelvic"
BLOCKED = ["yaml", "torch", "monai", "pydicom", "pydantic", "slicer", "vtk", "requests", "SimpleITK"]


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


def test_the_gathered_folder_needs_numpy_and_scipy_alone(gathered: Path) -> None:
    """What Slicer imports lazily or brings along is blocked; the anatomy is the bundled one."""
    program = f"""
import sys
for name in {BLOCKED}:
    sys.modules[name] = None
sys.path.insert(0, {str(gathered / "SpinoPelvic")!r})
import SpinoPelvicLib.client, SpinoPelvicLib.replies, SpinoPelvicLib.worker
from SpinoPelvicLib.anatomy import NOT_FOR_CLINICAL_USE, default_definitions
import sagittal.anatomy, sagittal.anatomy.clinical, sagittal.anatomy.comparison, sagittal.anatomy.parameters
assert "bundled" in sagittal.anatomy.__file__, sagittal.anatomy.__file__
print(NOT_FOR_CLINICAL_USE, default_definitions().structures["L5"].code)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Not for clinical use 49668003\n"


@pytest.mark.parametrize("path", sorted(MODULE.rglob("*.py")), ids=lambda path: path.name)
def test_the_module_is_written_for_python_3_9(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))


@pytest.mark.parametrize("version", ["3.9", "3.12"])
def test_the_gathered_folder_compiles_on_the_pythons_of_slicer(gathered: Path, version: str) -> None:
    python = shutil.which(f"python{version}")
    if python is None or subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip(f"python{version} is not installed")
    program = (
        "import sys; from pathlib import Path\n"
        "for p in Path(sys.argv[1]).rglob('*.py'): compile(p.read_text(encoding='utf-8'), str(p), 'exec')\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "import SpinoPelvicLib.client, SpinoPelvicLib.replies, SpinoPelvicLib.worker, SpinoPelvicLib.anatomy"
    )
    done = subprocess.run(
        [python, "-B", "-c", program, str(gathered / "SpinoPelvic")], capture_output=True, text=True, check=False
    )
    # A bare Python may lack numpy, which only the anatomy needs.
    assert done.returncode == 0 or "No module named 'numpy'" in done.stderr, done.stderr


def test_the_panel_uses_only_widgets_that_the_ui_file_has() -> None:
    widgets = {w.get("name") for w in ElementTree.parse(MODULE / "Resources/UI/SpinoPelvic.ui").iter("widget")}
    for source in ("SpinoPelvic.py", "SpinoPelvicLib/panel.py"):
        used = set(re.findall(r"\bui\.(\w+)", (MODULE / source).read_text(encoding="utf-8")))
        assert used
        assert used <= widgets, used - widgets


def test_the_ui_binds_only_parameters_that_the_parameter_node_has() -> None:
    tree = ElementTree.parse(MODULE / "Resources/UI/SpinoPelvic.ui")
    bound = [p.findtext("string") for p in tree.iter("property") if p.get("name") == "SlicerParameterName"]
    parameters = ast.parse((MODULE / "SpinoPelvicLib/parameters.py").read_text(encoding="utf-8"))
    declared = [node.target.id for node in ast.walk(parameters) if isinstance(node, ast.AnnAssign)]
    assert bound == declared == ["film"]
