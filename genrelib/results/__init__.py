"""Claims, the records of what was measured for them, and the scoreboard made of both."""

from genrelib.results.claims import claimed_in_words, headline_claims, read_claims
from genrelib.results.comparing import committed_board, compare
from genrelib.results.recording import not_measured, record
from genrelib.results.records import read_predictions, read_records
from genrelib.results.scoreboard import missed, page, scoreboard, to_markdown, write_scoreboard
from genrelib.results.showing import dumbbell_rows, headlines, readings, runs_row, table, verdicts, why_not
from genrelib.results.verdicts import LEGEND, legend, verdict
