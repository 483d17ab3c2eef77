"""Codes and classes: against trying all assignments, scikit-learn and NumPy."""

import itertools
import math

import numpy as np
import pytest
import torch
from sklearn.metrics import mutual_info_score

from ganlib.metrics.codes import correlation_within, matched_codes


@pytest.mark.parametrize("seed", range(5))
def test_the_assignment_is_the_best_of_all(seed):
    rng = np.random.default_rng(seed)
    codes, classes = rng.integers(0, 5, 60), rng.integers(0, 5, 60)
    found = matched_codes(codes, torch.tensor(classes), 5)
    best = max(np.mean(np.array(order)[codes] == classes) for order in itertools.permutations(range(5)))
    assert found.accuracy == pytest.approx(best)
    assert np.mean(np.array(found.classes)[codes] == classes) == pytest.approx(best)
    assert found.information == pytest.approx(mutual_info_score(codes, classes))


def test_a_permuted_code_is_perfect_and_a_constant_picture_is_not():
    codes = np.arange(100) % 10
    order = np.random.default_rng(0).permutation(10)
    perfect = matched_codes(codes, order[codes], 10)
    assert perfect.accuracy == 1 and perfect.classes == tuple(order)
    assert perfect.information == pytest.approx(math.log(10))
    collapsed = matched_codes(codes, np.full(100, 3), 10)
    assert collapsed.accuracy == pytest.approx(0.1) and collapsed.information == pytest.approx(0, abs=1e-12)


def test_the_information_of_chance():
    rng = np.random.default_rng(0)
    found = [matched_codes(rng.integers(0, 10, 2000), rng.integers(0, 10, 2000), 10) for _ in range(100)]
    assert np.mean([f.information for f in found]) == pytest.approx(81 / 4000, rel=0.1)
    assert 0.1 < np.mean([f.accuracy for f in found]) < 0.14


def test_correlation_within_groups():
    rng = np.random.default_rng(1)
    group = rng.integers(0, 3, 500)
    x, y = rng.normal(size=(2, 500))
    y = y + x
    shifted = y + 100 * group
    assert abs(np.corrcoef(x, shifted)[0, 1]) < 0.2
    centred = [np.concatenate([v[group == g] - v[group == g].mean() for g in range(3)]) for v in (x, shifted)]
    assert correlation_within(x, torch.tensor(shifted), group) == pytest.approx(np.corrcoef(*centred)[0, 1])
    assert correlation_within(x, -x, group) == pytest.approx(-1)
    assert correlation_within(group, y, group) == 0


def test_errors_say_what_came():
    with pytest.raises(ValueError, match="contingency: first must be 0 to 2, got 0 to 3"):
        matched_codes([0, 3], [0, 1], 3)
    with pytest.raises(ValueError, match=r"correlation_within: x, y and groups must have one shape \(n,\), got \(3,\)"):
        correlation_within(np.zeros(3), np.zeros(2), np.zeros(3, int))
