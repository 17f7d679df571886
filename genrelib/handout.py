"""The leakage study on one sheet of paper, for a class: what is claimed, what is left, why, and what to do."""

import base64
import io
import json
from html import escape
from pathlib import Path

from genrelib.caching import file_when_whole
from genrelib.errors import ResultError
from genrelib.leakage_study import gather, three_figures
from genrelib.notebook import REPOSITORY
from genrelib.records import read_claims, read_records

NAME = "leakage.json"
CHECKLIST = (
    ("Say what the split is by", "in the sentence that has the figure: slices, tracks, albums or artists."),
    ("Give the figure on unheard artists", "beside any other; on GTZAN by artist or by the fault-filtered lists."),
    ("Cut into slices after the split, never before", "and let augmented copies stay with their track."),
    ("Give an interval that resamples tracks", "and the number of test tracks; slices of a track count once."),
    ("Choose on validation", "by the same unit as the test; read the test once; publish the predictions."),
)
STYLE = """
@page { size: A4 portrait; margin: 12mm }
body { font: 10.5pt/1.35 Georgia, serif; max-width: 186mm; margin: 0 auto; color: #222 }
h1 { font-size: 20pt; margin: 0 0 2mm } h2 { font-size: 12pt; margin: 4mm 0 1mm }
p, ol { margin: 1mm 0 } ol { padding-left: 6mm } img { width: 100%; max-height: 95mm; object-fit: contain }
.demo { border: 1.5pt solid #bd1f01; padding: 1mm 3mm } footer { font-size: 8.5pt; color: #555; margin-top: 3mm }
"""


def write_summary(folder, *, collection, figures, kinds, needed):
    """Keep what the hand-out needs of a run of notebook 07.

    Parameters
    ----------
    folder : str or Path
        Of the run.
    collection : Collection
    figures : list of dict
        Of `genrelib.leakage_study.three_figures`.
    kinds : pd.DataFrame
        Of `genrelib.leakage.by_kind`.
    needed : dict of int to int
        Half-width of an interval in points → test tracks that it takes.

    Returns
    -------
    Path
    """
    content = {
        "collection": collection.name,
        "is_demo": collection.is_demo,
        "genres": len(collection.genres),
        "figures": figures,
        "kinds": kinds[["unit", "kind", "slices", "tracks", "share"]].to_dict("records"),
        "tracks_needed": {str(points): tracks for points, tracks in needed.items()},
    }
    path = Path(folder) / NAME
    with file_when_whole(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, default=float) + "\n", encoding="utf-8")
    return path


def read_summary(folder):
    """Read what `write_summary` kept; where notebook 07 was not run, what the records of the run tell.

    Returns
    -------
    dict
        collection, is_demo, genres, figures, kinds, tracks_needed; the last two empty without notebook 07.

    Raises
    ------
    ResultError
        A damaged file.
    """
    path = Path(folder) / NAME
    if path.is_file():
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ResultError(f"{path}: damaged ({error}); run notebook 07 again") from error
    records, measured = read_records(folder), gather(folder)[0]
    is_demo = any(record["is_demo"] for record in records.values())
    figures = three_figures(measured) if len(measured) else []
    return {"collection": Path(folder).name, "is_demo": is_demo, "genres": 10, "figures": figures, "kinds": [],
            "tracks_needed": {}}  # fmt: skip


def handout(folder):
    """Write the sheet as a page of HTML that needs no other file.

    Parameters
    ----------
    folder : str or Path
        Of the run.

    Returns
    -------
    str
    """
    told = read_summary(folder)
    name = escape(told["collection"])
    demo = "<p class=demo><b>DEMO: synthesised audio.</b> The figures show the method and are evidence of nothing.</p>"
    rules = "".join(f"<li><b>{what}</b>, {how}</li>" for what, how in CHECKLIST)
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Leakage: {name}</title>"
        f'<link rel="icon" href="data:,"><style>{STYLE}</style></head><body>'
        "<h1>Was that song in the training set?</h1>"
        f"<p>Accuracies that public reports claim for naming a song's genre, what the same systems reach under the "
        f"reports' own splits on <b>{name}</b>, and what is left on artists that they never heard.</p>"
        f"{demo if told['is_demo'] else ''}{_figure(told)}"
        f"<h2>Why</h2>{_why(told['kinds'])}"
        f"<h2>How large must a test set be?</h2>{_size(told['tracks_needed'])}"
        f"<h2>What to report instead</h2><ol>{rules}</ol>"
        f"<footer>genrelib, {REPOSITORY}; lines in the chart are 95% intervals that resample "
        f"tracks. Claims: {escape(', '.join(sorted(set(read_claims()['report']))))}.</footer></body></html>\n"
    )


def _figure(told):
    from genrelib.figures_leakage import claimed_reproduced_left
    from genrelib.figures_style import STYLE as LOOK

    if not told["figures"]:
        return "<p><i>No system was measured in this run: run notebooks 01 to 07.</i></p>"
    import matplotlib

    with matplotlib.rc_context(LOOK):
        figure = claimed_reproduced_left(told["figures"], chance=1 / told["genres"])
        image = io.BytesIO()
        figure.savefig(image, format="png", dpi=160)
    code = base64.b64encode(image.getvalue()).decode()
    return f'<img alt="claimed, reproduced and leak-free accuracy of each system" src="data:image/png;base64,{code}">'


def _why(kinds):
    words = {"recording": "of the same recording", "album": "of the same album", "artist": "of the same artist"}
    units = list(dict.fromkeys(one["unit"] for one in kinds))
    lines = []
    for unit in units:
        shares = {one["kind"]: one["share"] for one in kinds if one["unit"] == unit}
        ties = ", ".join(f"{shares[kind]:.0%} {said}" for kind, said in words.items() if kind in shares)
        none = "never of an artist known to be the same" if "unknown" in shares else "always of another artist"
        lines.append(f"split by {unit.replace('_', '-')}, {ties or none}")
    measured = f"The nearest training slice of a test slice is, {'; '.join(lines)}."
    return (
        "<p>A song is cut into slices, and the slices are dealt at random: a test slice then meets its own recording "
        "in the training part, and to know the recording is enough. Split by track, it still meets the artist: the "
        f"voice, the studio. {measured if lines else '<i>Notebook 07 measures how often.</i>'}</p>"
    )


def _size(needed):
    if not needed:
        return "<p><i>Notebook 07 measures it.</i></p>"
    words = "; ".join(f"±{points} points take {tracks} test tracks" for points, tracks in needed.items())
    return f"<p>{words}. Ten slices of one track are not ten tracks: they are right or wrong together.</p>"
