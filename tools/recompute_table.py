"""Rebuild the figures of two tables, GTZAN's public one and FMA's valences, with NumPy and pandas alone."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

VALENCES = Path(__file__).resolve().parent.parent / "genrelib/data/fma/valence.csv"
PER_GENRE = 75  # songs that the Stanford report drew


def check_table(report, folder, artists, recompute):
    """Rebuild each figure of ``results/table.json``, if there is one; give how many.

    Parameters
    ----------
    report : recompute.Report
    folder : Path
    artists : dict of str to str
        Track → artist.
    recompute : module
    """
    path = folder / "results" / "table.json"
    if not path.is_file():
        return 0
    figures = [figure for figure in json.loads(path.read_text(encoding="utf-8"))["figures"] if "values" in figure]
    for figure in figures:
        where = f"{folder.name} {figure['system']} by {figure['split']}"
        frame = pd.read_parquet(folder / "predictions" / f"table-{figure['system']}.parquet")
        frame, counted, validated = frame[frame["protocol"] == figure["split"]], [], []
        checked = frame[frame["part"] == "validation"].groupby("seed", sort=False)
        for (seed, part), value in zip(checked, figure["validation"], strict=True):
            rows, p = recompute.votes(part, "slice")
            rows.attrs["test"] = tuple(sorted(part["slice"]))
            own = f"{where}, seed {seed}, validation"
            report.compare(own, value, recompute.figure_of("accuracy", rows, p, []), recompute.NEAR)
            validated.append(rows)
        frame = frame[frame["part"] == "test"]
        for seed, value, macro in zip(figure["seeds"], figure["values"], figure["macro_f1"]):
            part = frame[frame["seed"] == seed]
            rows, p = recompute.votes(part, "slice")
            rows.attrs["test"] = tuple(sorted(part["slice"]))
            own = f"{where}, seed {seed}"
            report.compare(own, value, recompute.figure_of("accuracy", rows, p, []), recompute.NEAR)
            report.compare(f"{own}, macro F1", macro, recompute.figure_of("macro_f1", rows, p, []), recompute.NEAR)
            counted.append(rows)
        report.compare(f"{where}, mean", figure["mean"], float(np.mean(figure["values"])), recompute.NEAR)
        apart = artists if figure["split"] in recompute.APART else {}
        for part, kept, several in (
            ("", figure["ci95"], counted),
            (" validation", figure["validation_ci95"], validated),
        ):
            ends = recompute.interval(several, apart, "accuracy", [])
            for name, end, made in zip(("low", "high"), kept, ends, strict=True):
                report.compare(f"{where},{part} {name} end", end, float(made), recompute.NEAR_END)
    return len(figures)


def check_happy(report, where, part, recompute):
    """Rebuild the share of songs with a valence in the upper third: its expectation, and the interval of draws."""
    table = pd.read_csv(VALENCES)
    happy = (table["valence"] >= 2 / 3).groupby(table["genre_top"]).agg(["sum", "size", "mean"])
    report.compare(f"{where}, mean", part["mean"], float(happy["mean"].mean()), recompute.NEAR)
    rng, size = np.random.default_rng(12345), (recompute.N_DRAWS, len(happy))
    drawn = rng.hypergeometric(happy["sum"], happy["size"] - happy["sum"], PER_GENRE, size).mean(axis=1) / PER_GENRE
    for name, kept, made in zip(("low", "high"), part["ci95"], np.percentile(drawn, [2.5, 97.5])):
        report.compare(f"{where}, {name} end", kept, float(made), recompute.NEAR_END)
