"""A process that reads hostile audio for the tests: where a file ends it or keeps it busy, the test still stands."""

import resource
import time
import traceback
from pathlib import Path

from genrelib._base.errors import AudioError
from tests.faults.helping import PROCESSES

MEMORY = 2 << 30  # bytes beyond what the process holds when it begins
HANG_SECONDS = 30  # on the clock, on a machine that is busy with other things; a case may take 5 of the processor


class Reader:
    """Read files one after the other in one process, a new one where the last ended."""

    def __init__(self):
        self.process = None

    def read(self, path):
        """Give ``(outcome, seconds of the processor)``; the outcome of a process that ended or hangs says so."""
        if self.process is None or not self.process.is_alive():
            self.ours, theirs = PROCESSES.Pipe()
            self.process = PROCESSES.Process(target=_serve, args=(theirs,))
            self.process.start()
            theirs.close()
        self.ours.send(str(path))
        try:
            if self.ours.poll(HANG_SECONDS):
                return self.ours.recv()
        except EOFError:
            self.process.join()
            return f"the process ended with {self.process.exitcode}", 0.0
        self.process.kill()
        return "hangs", float(HANG_SECONDS)

    def close(self):
        if self.process is not None:
            self.process.kill()


def _serve(pipe):
    from genrelib.audio import duration_seconds, read_int16
    from tests.faults.writers import classify_noise

    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, held + MEMORY))
    while True:
        path, begin, outcome = Path(pipe.recv()), time.process_time(), "read"
        for reader in (duration_seconds, read_int16, classify_noise):
            try:
                reader(path)
            except AudioError:
                outcome = "refused"
            except BaseException:
                outcome = traceback.format_exc()
                break
        pipe.send((outcome, time.process_time() - begin))
