"""Tell which notebooks break the house's form: ``python -m tools.lint_notebooks [NOTEBOOK …]``."""

from __future__ import annotations

import argparse
import ast
import json
import sys
from pathlib import Path

from genrelib._base.paths import NOTEBOOKS

WIDTH, LINES = 100, 14  # of a cell of code, at most
PARAMETERS = {"notebook", "collection", "data", "folder", "seeds"}


def broken_rules(path: Path) -> list[tuple[str, str]]:
    """List what a notebook breaks.

    Returns
    -------
    list of (str, str)
        The rule, and where it is broken: ``("width", "cell 3, line 2: 131 characters")``.
    """
    found, tagged = [], []
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for number, cell in enumerate(cells, 1):
        if cell["cell_type"] != "code":
            continue
        source, where = "".join(cell["source"]), f"cell {number}"
        if cell["outputs"]:
            found.append(("outputs", where))
        if cell["execution_count"] is not None:
            found.append(("execution count", where))
        lines = source.splitlines()
        if len(lines) > LINES:
            found.append(("lines", f"{where}: {len(lines)} lines"))
        wide = [(at, len(line)) for at, line in enumerate(lines, 1) if len(line) > WIDTH]
        found += [("width", f"{where}, line {at}: {length} characters") for at, length in wide]
        if "parameters" in cell["metadata"].get("tags", ()):
            tagged.append(source)
    return found + _parameters(tagged)


def _parameters(tagged):
    if len(tagged) != 1:
        return [("parameters", f"{len(tagged)} cells are tagged so, in place of one")]
    assigned = [node for node in ast.parse(tagged[0]).body if isinstance(node, ast.Assign)]
    names = {target.id for node in assigned for target in node.targets if isinstance(target, ast.Name)}
    return [("parameters", f"{name} is missing") for name in sorted(PARAMETERS - names)]


def main(arguments: list[str] | None = None) -> int:
    """Print what is broken, and where; 1 where anything is."""
    parser = argparse.ArgumentParser(prog="python -m tools.lint_notebooks", description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="those of notebooks/ unless given")
    broken = [
        f"{path.name}, {where}: {rule}"
        for path in parser.parse_args(arguments).notebooks or sorted(NOTEBOOKS.glob("*.ipynb"))
        for rule, where in broken_rules(path)
    ]
    print("\n".join(broken) or "notebooks keep the form")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
