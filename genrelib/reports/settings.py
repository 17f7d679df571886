"""What differs between a run on the demo and one on real audio: ``demo.yaml`` and ``real.yaml``, by notebook."""

from __future__ import annotations

import os
import sys

import yaml

from genrelib._base.paths import table_path


def settings(notebook: str, collection: str) -> dict:
    """Give what a run sets in the parameters cell of the notebook of a number: name → value.

    On real audio, by a collection's name or the folder of one's own music, these are the report's own, which stand in
    the cell, too. A notebook that ``serves`` some collections alone runs on the demo for all others.

    Examples
    --------
    >>> from genrelib.reports.settings import settings
    >>> settings("01", "gtzan_160")["epochs"], settings("01", "demo")["epochs"]
    (15, 8)
    """
    own = _read("real").get(notebook, {})
    on_demo = collection == "demo" or collection not in own.pop("serves", [collection])
    return _read("demo").get(notebook, {}) if on_demo else own


def apply_settings(collection: str) -> None:
    """Set the demo's numbers in the notebook that is open, where it is to run on the demo.

    A number that was changed by hand stays, and papermill's stay: `genrelib.reports.run.reproduce` has them set there.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    names = {} if shell is None or os.environ.get("GENRELIB_HEADLESS") else shell.user_ns
    notebook = names.get("notebook")
    own, wanted = _read("real").get(notebook, {}), settings(notebook, collection)
    changed = {name: value for name, value in wanted.items() if names.get(name) == own[name] != value}
    names.update(changed)
    if changed:
        said = ", ".join(f"{name} {value} (else {own[name]})" for name, value in changed.items())
        print(f"set for the demo: {said}; another number in the parameters cell stays")


def _read(kind):
    return yaml.safe_load(table_path(f"{kind}.yaml").read_text(encoding="utf-8"))
