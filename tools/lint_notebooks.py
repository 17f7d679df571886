"""Tell which notebooks break the house's form: ``python -m tools.lint_notebooks [--all] [NOTEBOOK …]``.

A rule that some notebook breaks still is in PENDING: it is counted and fails nothing until it is taken out there.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections import Counter
from pathlib import Path

from genrelib._base.paths import NOTEBOOKS

WIDTH, LINES = 100, 15  # of a cell of code
PARAMETERS = {"notebook", "collection", "data", "folder", "seeds"}
PENDING = {"width"}  # take a rule out once the notebooks keep it; `--all` fails on these, too


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
    """Print what is broken, and how often; 1 where a rule is that is not pending."""
    parser = argparse.ArgumentParser(prog="python -m tools.lint_notebooks", description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="those of notebooks/ unless given")
    parser.add_argument("--all", action="store_true", help="fail on pending rules, too, and name each place")
    options = parser.parse_args(arguments)
    failed, waiting = 0, Counter()
    for path in options.notebooks or sorted(NOTEBOOKS.glob("*.ipynb")):
        for rule, where in broken_rules(path):
            if rule in PENDING and not options.all:
                waiting[rule] += 1
            else:
                print(f"{path.name}, {where}: {rule}")
                failed += 1
    for rule, count in waiting.items():
        print(f"pending: {rule} in {count} places (see them by --all)")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
