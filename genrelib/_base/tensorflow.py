"""TensorFlow, loaded without the lines that its libraries write before any setting of its log holds."""

import os
import re
import sys
import tempfile

# 2.18 and 2.19 say so of every start, with a GPU or without; what else is written while it loads is passed on
NO_NEWS = re.compile(rb"Unable to register cu\w+ factory|computation placer already registered|absl::InitializeLog")


def _load():
    try:
        terminal = os.dup(2)
    except OSError:  # a process without a standard error
        return
    try:
        with tempfile.TemporaryFile() as written:
            os.dup2(written.fileno(), 2)
            try:
                import tensorflow  # noqa: F401
            finally:
                os.dup2(terminal, 2)
                written.seek(0)
                for line in written:
                    if not NO_NEWS.search(line):
                        os.write(2, line)
    except OSError:  # no place for a temporary file: its lines are shown
        pass
    finally:
        os.close(terminal)


if "tensorflow" not in sys.modules:
    _load()
import tensorflow as tf  # noqa: E402

__all__ = ["tf"]
