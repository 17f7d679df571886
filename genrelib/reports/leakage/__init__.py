"""How much of each figure is left without leakage: notebook 90."""

from genrelib.reports.leakage import study, table, tables
from genrelib.reports.leakage.figures import (
    accuracy_by_neighbour,
    built_in_effect,
    claimed_reproduced_left,
    neighbour_kinds,
    neighbour_pair,
    widths,
)
