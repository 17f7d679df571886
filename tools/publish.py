"""Copy what a run measured into the repository: small, and without traces of the machine."""

import argparse
import json
import shutil
import sys
from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path

from genrelib.__main__ import exit_code
from genrelib._base.caching import file_when_whole
from genrelib._base.errors import GenrelibError
from genrelib._base.paths import RESULTS, RUNS, shown
from genrelib.results.records import LIMIT

PUBLISHED = (
    "*.ipynb", "results/*.json", "predictions/*.parquet", "curves/*.csv", "points/*.csv", "scoreboard.csv",
    "scoreboard.md", "times.json", "leakage.json",
)  # fmt: skip


def publish(collection, *, folder=None, results=RESULTS):
    """Copy what a run measured into ``results/<collection>``, without paths of this machine.

    Parameters
    ----------
    collection : str
    folder, results : str or Path, optional
        From where, ``runs/<collection>``, and below which folder to.

    Returns
    -------
    list of Path

    Raises
    ------
    GenrelibError
        No run to publish, a failed notebook in it, a record of a network that is not the report's, or a file of more
        than 1 MB.

    Notes
    -----
    Pictures are drawn in 256 colours; all else is copied to the byte.
    """
    folder, target = Path(folder or RUNS / collection), Path(results) / collection
    failed = sorted([*folder.glob("*.failed.ipynb"), *folder.glob(".*.running.ipynb")])
    files = [path for pattern in PUBLISHED for path in sorted(folder.glob(pattern)) if not path.name.startswith(".")]
    if not files or failed:
        names = ", ".join(path.name for path in failed) or "there is no run"
        raise GenrelibError(f"{folder}: whole runs are published: {names}; run `make reproduce` on {collection} first")
    for path in files:
        if path.match("results/*.json") and '"own_network": true' in path.read_text(encoding="utf-8"):
            raise GenrelibError(
                f"{path}: measured with your own network, which is no figure of the report: record the claim with the "
                "builder out of genrelib.models again, and publish then"
            )
    copies = []
    for path in files:
        copy = target / path.relative_to(folder)
        with file_when_whole(copy) as temporary:
            if path.suffix == ".ipynb":
                temporary.write_text(_without_traces(path), encoding="utf-8")
            else:
                shutil.copyfile(path, temporary)
            if temporary.stat().st_size > LIMIT:
                raise GenrelibError(f"{path}: {temporary.stat().st_size / 1e6:.1f} MB; a published file is under 1 MB")
        copies.append(copy)
    return copies


def _without_traces(path):
    """Drop what papermill notes of this machine, and draw pictures in 256 colours; all else stays as it is."""
    content = json.loads(path.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        if "injected-parameters" in cell["metadata"].get("tags", ()):  # where data and results lay is nobody's business
            lines = "".join(cell["source"]).splitlines(keepends=True)
            cell["source"] = [line for line in lines if not line.startswith(("data = ", "folder = "))]
    for part in (content, *content["cells"]):
        part["metadata"].pop("papermill", None)
        for output in part.get("outputs", ()):
            data = output.get("data", {})
            if "data:audio" in "".join(data.get("text/html", "")):  # copies carry no sound, that of the demo neither
                del data["text/html"]
            if "image/png" in data:
                data["image/png"] = _in_256_colours("".join(data["image/png"]))
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _in_256_colours(picture):
    """Give a base64 PNG a third of its size: spectrograms in full colour would not fit into a published notebook."""
    from PIL import Image

    drawn, target = Image.open(BytesIO(b64decode(picture))).convert("RGB"), BytesIO()
    drawn.quantize(256).save(target, format="PNG", optimize=True)
    return b64encode(target.getvalue()).decode()


def main(arguments=None):
    """Publish the run on the collection that the command line names: ``python -m tools.publish gtzan_160``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("collection", nargs="+")
    parser.add_argument("--folder", help="where the run lies; runs/<collection> unless given")
    options = parser.parse_args(arguments)
    for name in options.collection:
        for path in publish(name, folder=options.folder):
            print(shown(path))


if __name__ == "__main__":
    sys.exit(exit_code(main))
