"""What a run gave beside the committed figures of the same collection: did it come out here, too?"""

from __future__ import annotations

import re
from math import hypot
from typing import TYPE_CHECKING

import pandas as pd

from genrelib._base.paths import table_path
from genrelib.datasets.demo import EFFECT_BAND, artist_ceiling
from genrelib.results.claims import FIGURES, read_claims
from genrelib.results.records import read_predictions, read_records
from genrelib.results.scoreboard import scoreboard
from genrelib.results.verdicts import OWN_NETWORK
from genrelib.splits import UNITS

if TYPE_CHECKING:
    from IPython.display import Markdown

    from genrelib.reports.session import Session

MARK = {True: "✅", False: "❌"}
# "slice 0.873 ± 0.014 (0.813 to 0.927)": the split, and what a scoreboard has under it
CELL = re.compile(rf"({'|'.join(['none', *UNITS])}) (-?[\d.]+)(?: ± [\d.]+)?(?: \((-?[\d.]+) to (-?[\d.]+)\))?")


def committed_board() -> pd.DataFrame:
    """Read the `genrelib.scoreboard` that comes along: what is committed, of every collection on real audio.

    Examples
    --------
    >>> from genrelib.results import committed_board
    >>> committed_board().columns[:3].to_list()
    ['claim_id', 'report', 'system']
    """
    return pd.read_csv(table_path("scoreboard.csv"), dtype=str, keep_default_na=False)


def compare(session: Session, report: str, task: str = "") -> Markdown:
    """Show what this run gave of a report beside the committed figures of the same collection, a line each.

    Parameters
    ----------
    session : Session
    report, task : str
        As claims.csv names them; all of the report's tasks unless given.

    Returns
    -------
    IPython.display.Markdown
        ✅ where the figure lies in the committed 95% interval, under the claim's own split, by track and by artist;
        where there is no interval, and of times, which are the machine's, where the verdict is the same; else ❌. On
        the demo, of which nothing is committed: whether chance is beaten, and whether the artist effect that is built
        in was found in its size.

    Examples
    --------
    >>> import genrelib as gl
    >>> session = gl.open_session("demo", folder="runs/doctest")  # doctest: +ELLIPSIS
    collection: demo (as asked)...
    >>> _ = gl.not_measured("stanford-worst-genre", "demo has no Instrumental", session)
    >>> print(gl.compare(session, "stanford").data)
    No accuracy of stanford is recorded in this run yet.
    """
    from IPython.display import Markdown

    name, claims = session.collection.name, read_claims()
    own = claims.index[(claims["report"] == report) & (claims["task"].eq(task) | (not task))]
    if session.is_demo:
        lines = _demo_lines(session, own)
        return Markdown("\n".join(lines) or f"No accuracy of {report} is recorded in this run yet.")
    committed = committed_board()
    committed = committed[(committed["collection"] == name) & (committed["measured"] != "")].set_index("claim_id")
    committed = committed[committed.index.isin(own)]
    if committed.empty:
        words = f"{task}s of {report}" if task else report
        return Markdown(f"Nothing of {words} is committed for {name}: there is nothing to compare with.")
    board = scoreboard({name: session.folder}).set_index("claim_id")
    lines = [line for claim in committed.index for line in _lines(claim, board.loc[claim], committed.loc[claim])]
    return Markdown("\n".join(lines))


def _lines(claim, here, there):
    """Give a line a figure that is committed: the claim's own, and those by track and artist."""
    if here["system"] == OWN_NETWORK:
        return [f"- `{claim}`: {here['measured']} with your network; {there['measured']} is committed of the report's"]
    if not here["measured"]:
        return [f"- `{claim}`: not in this run; committed {there['measured']}"]
    same = MARK[here["verdict"] == there["verdict"]]
    if read_claims()["task"][claim] == "speed":
        words = f"{here['measured']}, {here['verdict']}; committed {there['verdict']}: times are of the machine"
        return [f"- {same} `{claim}`: {words}, so that none is to come out again"]
    lines, ours = [], _figures(here)
    for split, (figure, low, high) in _figures(there).items():
        if split in ours and low is not None:
            inside = low <= ours[split][0] <= high
            by = "" if split == "none" else f" by {split}"
            words = f"{ours[split][0]:.3f}, committed {figure:.3f} ({low:.3f} to {high:.3f})"
            lines.append(f"- {MARK[inside]} `{claim}`{by}: {words}")
    if there["ci95"]:
        return lines
    words = f"{here['measured']}, {here['verdict']}; committed {there['measured']}, {there['verdict']}"
    return [f"- {same} `{claim}`: {words}", *lines]


def _figures(row):
    """Give split → (figure, low, high) of a row of a scoreboard; no interval is None."""
    others = [f"{unit} {row[f'by_{unit}']}" for unit in ("track", "artist") if unit != row["split"]]
    cells = [f"{row['split']} {row['measured']} {row['ci95']}", *others]
    found = [CELL.match(cell) for cell in cells]
    return {
        form[1]: tuple(None if number is None else float(number) for number in form.groups()[1:])
        for form in found if form
    }  # fmt: skip


def _demo_lines(session, own):
    tasks, lines = read_claims()["task"], []
    for claim, record in read_records(session.folder).items():
        scores = record["scores"]
        if claim not in own or record["metric"] not in FIGURES or not scores or not record["ci95"]:
            continue
        frame, even = read_predictions(session.folder, claim), 1 / len(scores[0]["slice"]["recall"])
        own_split = frame[frame["protocol"] == record["split_unit"]] if len(frame) else frame
        commonest = max(even, own_split["true"].value_counts(normalize=True).max()) if len(own_split) else even
        beaten, words = record["ci95"][0] > commonest, f"{record['mean']:.3f} ({record['ci95'][0]:.3f} at least)"
        words += f"; to name the commonest label gives {commonest:.2f}"
        words += "" if beaten else ", which the demo's few epochs are too few to beat"
        lines.append(f"- {MARK[beaten]} `{claim}`: {words}")
        apart = record["other_protocols"].get("artist", {})
        by_slice = record["split_unit"] == "slice" and record["evaluated_on"] != "train"
        if beaten and apart.get("ci95") and by_slice and tasks[claim] != "mood":  # strays are filed by genre alone
            lines.append(f"- {_artist_effect(session, claim, record, apart)}")
    return lines


def _artist_effect(session, claim, record, apart):
    """Say whether what was lost on unheard artists is what is built in: within the band, or the figures' own noise."""
    frame, tracks = read_predictions(session.folder, claim), session.collection.tracks
    tested = None if frame.empty else list(frame.loc[frame["protocol"] == "artist", "track_id"])
    built_in, lost = 1 - artist_ceiling(tracks, tested or None), record["mean"] - apart["mean"]
    halves = [(high - low) / 2 for low, high in (record["ci95"], apart["ci95"])]
    band = max(EFFECT_BAND, hypot(*halves))
    words = f"{lost:.2f} lost on artists never heard, {built_in:.2f} ± {band:.2f} is built in"
    if band >= built_in:
        return f"`{claim}`: {words}; too few songs were tested to tell that from none"
    if lost < built_in - band and record["mean"] < 1 - built_in + EFFECT_BAND:
        return f"`{claim}`: {words}; in the demo's few epochs the heard ones were not learned by heart either"
    return f"{MARK[abs(lost - built_in) <= band]} `{claim}`, the artist effect: {words}"
