"""Trim and pad: recordings made equally long."""

import numpy as np
import pytest

from genrelib._base.errors import AudioError
from genrelib.audio import trim_or_pad
from tests.making import noise

RATE = 22050


@pytest.mark.parametrize("n", [1, 22049, 22050, 22051, 50000])
def test_as_long_as_was_asked_for(n):
    samples = noise(n / RATE)
    version = trim_or_pad(samples, 1.0)
    assert version.shape == (RATE,) and version.dtype == np.int16
    np.testing.assert_array_equal(version[:n], samples[:RATE])
    assert not version[n:].any()
    assert not np.shares_memory(version, samples)


@pytest.mark.parametrize("seconds", [0, -3.0, 1e-9, np.nan, np.inf])
def test_less_than_a_sample_is_refused(seconds):
    with pytest.raises(AudioError, match="at least one sample"):
        trim_or_pad(noise(1.0), seconds)
