"""The test of memorisation: calibrated on fresh data, alarmed by copies, not by a crowd."""

import numpy as np
import pytest
import torch
from scipy.stats import binom
from sklearn.neighbors import NearestNeighbors

from ganlib.metrics import memorisation, memory


def gaussian(rows, *seed, d=4):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(rows, d)))


def test_fresh_data_pass_at_the_stated_level():
    found = [memorisation(gaussian(100, s, 0), gaussian(200, s, 1), gaussian(150, s, 2), nearest=0.04)
             for s in range(300)]
    for level in (0.05, 0.2):
        assert sum(f.p_value <= level for f in found) <= binom.ppf(0.999, 300, level)
        assert sum(f.copies_p_value <= level for f in found) <= binom.ppf(0.999, 300, level)
        assert sum(f.p_value <= level for f in found) >= binom.ppf(0.001, 300, level)
    assert abs(np.mean([f.nearer for f in found]) - 0.5) < 0.01
    # below the 6th least of 150 held-out distances lie 6/151 of fresh ones on average
    assert abs(np.mean([f.copies for f in found]) - 6 / 151) < 0.006


def test_noisy_copies_are_found_and_a_few_exact_copies_by_the_second_number():
    training, held_out = gaussian(300, 0), gaussian(300, 1)
    noisy = memorisation(training + 0.1 * gaussian(300, 2), training, held_out)
    assert noisy.nearer > 0.9 and noisy.p_value < 1e-9
    few = torch.cat([gaussian(285, 3), training[:15]])
    found = memorisation(few, training, held_out)
    assert found.copies >= 0.05 and found.copies_p_value < 1e-3 and found.p_value > 1e-3
    far = memorisation(3 * gaussian(300, 5), training, held_out)  # a poor generator is no thief
    assert far.nearer < 0.2 and far.p_value > 0.99
    copies = memorisation(training, training, held_out)
    assert copies.nearer == 1 and copies.copies == 1


def test_samples_from_a_crowded_place_are_no_copies():
    """A tenth as wide, everything there lies nearer to its neighbours; as a multiple of their distances it does not."""
    training = torch.cat([gaussian(400, 0), 0.1 * gaussian(400, 1) + 20])
    held_out = torch.cat([gaussian(200, 2), 0.1 * gaussian(200, 3) + 20])
    found = memorisation(0.1 * gaussian(400, 4) + 20, training, held_out)
    assert abs(found.nearer - 0.5) < 0.07 and found.p_value > 1e-3


def test_distances_are_those_of_scikit_learn(monkeypatch):
    training, x = gaussian(50, 0) + 100, gaussian(30, 1) + 100
    distance, at = NearestNeighbors(n_neighbors=1).fit(training).kneighbors(x)
    own = NearestNeighbors(n_neighbors=2).fit(training).kneighbors(training)[0][:, 1]
    monkeypatch.setattr(memory, "BLOCK", 7)
    centre = training.mean(0)
    found = memory._distances(x - centre, training - centre, memory.reach(training - centre, 1))
    assert np.allclose(found, distance[:, 0] / own[at[:, 0]], rtol=1e-8)


@pytest.mark.parametrize("generated, training, held_out, settings, message", [
    (torch.zeros(4, 2), torch.zeros(4, 3), torch.zeros(4, 2), {}, "generated, training and held_out must have one"),
    (torch.zeros(4, 2), torch.zeros(1, 2), torch.zeros(4, 2), {}, "training must have at least 2 samples, got 1"),
    (torch.zeros(4, 2), torch.zeros(4, 2), torch.zeros(4, 2) / 0, {}, "held_out must be finite"),
    (torch.zeros(4), torch.zeros(4, 2), torch.zeros(4, 2), {}, "generated must have 2 dimensions"),
    (torch.zeros(4, 2), torch.zeros(4, 2), torch.zeros(4, 2), {"nearest": 1.0}, "nearest must be a finite number"),
])
def test_bad_values_are_named(generated, training, held_out, settings, message):
    with pytest.raises(ValueError, match=f"memorisation: {message}"):
        memorisation(generated, training, held_out, **settings)
