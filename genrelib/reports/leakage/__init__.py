"""How much of each figure is left without leakage: notebook 90."""

from genrelib.reports.leakage import heads, horses, study, table, tables
from genrelib.reports.leakage.figures import (
    accuracy_by_neighbour,
    by_split,
    claimed_reproduced_left,
    moved,
    neighbour_kinds,
    neighbour_pair,
    reliability,
    widths,
)
