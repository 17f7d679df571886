"""Claims, the records of what was measured for them, and the scoreboard made of both."""

from genrelib.results.recording import record
from genrelib.results.records import read_claims, read_records
from genrelib.results.scoreboard import scoreboard, to_markdown, write_scoreboard
from genrelib.results.summaries import dumbbell_rows, headlines, why_not
