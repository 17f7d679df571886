"""The house: few rooms at the top, no long file, no import against the order of the rooms, every public name there.

And no file that another system could not hold or would read otherwise.
"""

import ast
import re
import subprocess
from functools import cache as once
from importlib import import_module
from pathlib import Path

import pytest

import genrelib
from tests.making import ROOT

HOUSE = Path(genrelib.__file__).parent
ROOMS = ("_base", "audio", "datasets", "slices", "splits", "features", "models", "evaluation", "training", "results",
         "figures", "classify", "reports")  # fmt: skip
LONGEST = 300  # lines
FILES = sorted(HOUSE.rglob("*.py"))


def room_of(path):
    return path.relative_to(HOUSE).with_suffix("").parts[0]


def imports_of(path):
    """Name what a file imports of genrelib, inside functions too but for type hints alone: whole dotted names."""
    package = ("genrelib", *path.relative_to(HOUSE).parts[:-1])
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hints = [node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    unseen = {id(inner) for node in hints for inner in ast.walk(node)}
    for node in (node for node in ast.walk(tree) if id(node) not in unseen):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "genrelib")
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            if base.split(".")[0] == "genrelib":
                yield from (f"{base}.{alias.name}" for alias in node.names)


@once
def rooms_that(path):
    """Name the rooms that a file imports from; a name of the package itself, as `__version__`, is in none."""
    rooms = {name.split(".")[1] for name in imports_of(path)}
    return {room for room in rooms if (HOUSE / room).is_dir() or (HOUSE / f"{room}.py").is_file()}


def test_a_newcomer_sees_the_whole_way_at_the_top():
    entries = {path.name for path in HOUSE.iterdir()} - {"py.typed", "__init__.pyi", "__pycache__"}
    assert len(entries) <= 16, sorted(entries)
    rooms = {name.removesuffix(".py") for name in entries} - {"__init__", "__main__", "data"}
    assert rooms == set(ROOMS), "a new room takes its place in the order"


def test_no_file_is_long():
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_from_rooms_above_it_alone(room):
    below = set(ROOMS[ROOMS.index(room) + 1 :])
    against = {path.relative_to(HOUSE).as_posix(): rooms_that(path) & below for path in FILES if room_of(path) == room}
    assert not any(against.values()), {name: rooms for name, rooms in against.items() if rooms}


def public(body):
    """Give the functions that others may call: no name with an underscore but ``__init__``, those of classes too."""
    for node in body:
        if isinstance(node, ast.FunctionDef) and (node.name == "__init__" or not node.name.startswith("_")):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public(node.body)


def test_public_names_say_what_they_take_and_give():
    for path in FILES:
        for node in public(ast.parse(path.read_text(encoding="utf-8")).body):
            starred = [each for each in (node.args.vararg, node.args.kwarg) if each]
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, *starred]
            bare = [each.arg for each in arguments if each.annotation is None and each.arg not in ("self", "cls")]
            assert not bare and node.returns, f"{path}: {node.name} has no type hint of {bare or 'what it gives'}"


def test_every_public_name_is_there_and_offered():
    tree = ast.parse((HOUSE / "__init__.pyi").read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = {alias.asname or alias.name for node in imports for alias in node.names}
    assert names <= set(dir(genrelib)) and all(getattr(genrelib, name) is not None for name in names)


def test_names_that_are_imported_exist():
    """An import inside a function would fail only when it is called"""
    for path in FILES:
        for name in imports_of(path):
            module, _, last = name.rpartition(".")
            try:
                import_module(name)
            except ModuleNotFoundError:
                assert hasattr(import_module(module), last), (path, name)


def test_every_system_can_hold_the_names_of_all_files():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("needs the repository")
    names = listed.stdout.split("\0")
    assert len({name.casefold() for name in names}) == len(names), "two that differ in case alone are one on Windows"
    forbidden = r'(?i)[<>:"|?*\\\x00-\x1f]|(^|/)(con|prn|aux|nul|com\d|lpt\d)(\.|/|$)|[. ](/|$)'
    assert not [name for name in names if re.search(forbidden, name)]


def test_text_is_read_and_written_in_an_encoding_that_is_named():
    """Windows' own is not UTF-8"""
    for path in [*FILES, *(ROOT / "tools").rglob("*.py")]:
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        for node in calls:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            modes = [each.value for each in node.args if isinstance(each, ast.Constant)]
            text = name in ("read_text", "write_text") or (
                ast.unparse(node.func) in ("open", "os.fdopen") and not any("b" in str(mode) for mode in modes)
            )
            assert not text or any(each.arg == "encoding" for each in node.keywords), (path, node.lineno)
