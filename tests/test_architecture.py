"""The rules on who may import what, read from the syntax tree, and on what may stand in a tracked file."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("data", "model", "gateway", "service", "frontend", "dags")
HEAVY = {"mlflow", "numpy", "pandas", "scipy", "sklearn", "pyarrow", "pandera", "faiss", "lightgbm", "implicit"}
ENTRY_POINTS = {"train", "evaluate", "promote", "recommend_batch", "watch_drift"}
KNOWS_MLFLOW = {*ENTRY_POINTS, "pyfunc_model", "registry", "spark"}


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


ALL = [path for room in ROOMS for path in modules(room)]


@cache
def imports(path: Path) -> frozenset[str]:
    """Dotted names that a module imports, wherever in the file; `from a import b` yields a.b."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import; write it out from the room's name"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def tops(path: Path) -> set[str]:
    """First parts of what a module imports."""
    return {name.split(".")[0] for name in imports(path)}


def within(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")


def crossings(room: str, allowed: tuple[str, ...] = ()) -> list[str]:
    """Imports of other rooms (and of the tests and scripts) from this room, less the allowed ones."""
    others = {*ROOMS, "tests", "scripts"} - {room}
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(room)
        for name in imports(path)
        if name.split(".")[0] in others and not any(within(name, module) for module in allowed)
    ]


@pytest.mark.parametrize(
    ("room", "allowed"),
    [
        ("data", ("model.schemas",)),
        ("model", ()),
        ("gateway", ("data.text",)),
        ("service", ("model.contract",)),
        ("frontend", ()),
        ("dags", ()),
    ],
)
def test_a_room_imports_nothing_of_another_but_what_the_contracts_allow(room: str, allowed: tuple[str, ...]) -> None:
    assert crossings(room, allowed) == []


@pytest.mark.parametrize(
    ("room", "comes_along"),
    [
        ("gateway", set[str]()),
        ("service", {"mlflow"}),
        ("frontend", {"numpy", "pandas"}),  # Streamlit's
        ("dags", set[str]()),
    ],
)
def test_a_light_room_imports_no_heavy_library(room: str, comes_along: set[str]) -> None:
    heavy = HEAVY - comes_along
    assert {path.name: tops(path) & heavy for path in modules(room) if tops(path) & heavy} == {}


def test_the_gateway_starts_without_loading_a_heavy_library() -> None:
    code = f"import gateway.app, sys; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_model_service_starts_without_waiting_for_mlflow() -> None:
    code = f"import service.__main__, sys; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_the_gateway_takes_from_the_data_room_needs_the_standard_library_only() -> None:
    assert tops(ROOT / "data/text.py") <= sys.stdlib_module_names


def test_only_the_entry_points_and_the_adapter_know_mlflow() -> None:
    knowing = {path.stem for path in modules("model") if "mlflow" in tops(path)}
    assert knowing <= KNOWS_MLFLOW
    assert {path.stem for path in modules("data") if "mlflow" in tops(path)} <= {"tracking"}
    assert {path.stem for path in modules("service") if "mlflow" in tops(path)} == {"registry"}


@pytest.mark.parametrize(("library", "home"), [("faiss", "retrieval"), ("lightgbm", "ranker")])
def test_a_numerical_engine_is_imported_in_one_module_only(library: str, home: str) -> None:
    assert [path.stem for path in ALL if library in tops(path)] == [home]


def test_no_model_module_imports_an_entry_point() -> None:
    for path in modules("model"):
        for name in imports(path):
            is_entry = name.startswith("model.") and name.split(".")[1] in ENTRY_POINTS
            assert not is_entry or path.stem in ENTRY_POINTS, f"{path.stem} imports {name}"


def test_modules_import_each_other_in_no_circle() -> None:
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in ALL}
    graph = {name: {used.rsplit(".", 1)[0] for used in imports(path)} | imports(path) for name, path in names.items()}
    TopologicalSorter({name: (used & names.keys()) - {name} for name, used in graph.items()}).prepare()


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_hides_one_of_the_standard_library(path: Path) -> None:
    assert path.stem not in sys.stdlib_module_names


def test_no_file_is_too_long_to_hold_one_idea() -> None:
    sources = [path for room in (*ROOMS, "scripts", "benchmarks") for path in modules(room) if path.stem != "texts"]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources}
    assert {name: n for name, n in lengths.items() if n > 250} == {}


def tracked_text() -> Iterator[tuple[str, str]]:
    """Name and text of every file that git keeps or would keep."""
    names = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(names, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0"):
        content = (ROOT / name).read_bytes() if name and (ROOT / name).is_file() else b""
        if b"\0" not in content:  # which is how git, too, knows a binary file
            yield name, content.decode()


def test_no_tracked_file_names_a_package_index() -> None:
    hosts = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|proxy\.golang|(?<!emit-)index-url[ =]|find-links[ =]")
    own = "tests/test_architecture.py"
    assert [(name, found[0]) for name, text in tracked_text() if name != own and (found := hosts.search(text))] == []


def test_no_tracked_file_names_a_path_of_one_machine() -> None:
    machine = re.compile(r"(?<![\w.])/(home|Users|root|work|mnt)/\w+")
    own = "tests/test_architecture.py"
    assert [(name, found[0]) for name, text in tracked_text() if name != own and (found := machine.search(text))] == []
