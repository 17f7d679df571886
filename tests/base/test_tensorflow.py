"""What TensorFlow's libraries write while they load: lines of every start are kept back, others are passed on."""

import subprocess
import sys

LOADING = """
import os
os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\\n")
os.write(2, b"E0000 cuda_dnn.cc:8579] Unable to register cuDNN factory: one has already been registered\\n")
os.write(2, b"this processor lacks AVX\\n")
os.write(2, b"W0000 computation_placer.cc:177] computation placer already registered. Please check linkage\\n")
"""
BROKEN = LOADING + "raise ImportError('libtensorflow is half installed')\n"


def load(folder, source, before=""):
    (folder / "tensorflow.py").write_text(source, encoding="utf-8")
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); {before}\nimport genrelib._base.tensorflow as loaded\n"
    return subprocess.run(
        [sys.executable, "-c", code + "print(loaded.tf.__file__)"], capture_output=True, text=True, timeout=60
    )


def test_only_lines_that_are_news_are_shown(tmp_path):
    ended = load(tmp_path, LOADING)
    assert ended.returncode == 0 and ended.stdout.strip() == str(tmp_path / "tensorflow.py")
    assert ended.stderr == "this processor lacks AVX\n"


def test_a_tensorflow_that_does_not_load_says_so(tmp_path):
    ended = load(tmp_path, BROKEN)
    assert ended.returncode and ended.stderr.startswith("this processor lacks AVX\n")
    assert ended.stderr.rstrip().endswith("ImportError: libtensorflow is half installed")


def test_it_loads_without_a_standard_error_and_without_a_temporary_folder(tmp_path):
    ended = load(tmp_path, "", "import os; os.close(2)")
    assert ended.returncode == 0 and ended.stdout
    ended = load(tmp_path, LOADING, "import tempfile; tempfile.tempdir = '/absent'")
    assert ended.returncode == 0 and ended.stdout and "registered" in ended.stderr
