"""Mutual information of tables and its bound: against scikit-learn, closed forms and each other."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix, mutual_info_score

from ganlib import theory


def table(seed, rows=4, columns=6):
    return np.random.default_rng(seed).dirichlet(np.full(rows * columns, 0.5)).reshape(rows, columns)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_scikit_learns(seed):
    counts = np.round(1000 * table(seed)).astype(int) + 1
    assert theory.mutual_information(counts / counts.sum()) == pytest.approx(
        mutual_info_score(None, None, contingency=counts), abs=1e-12)


def test_its_ends():
    independent = np.outer([0.2, 0.8], [0.5, 0.3, 0.2])
    assert theory.mutual_information(independent) == pytest.approx(0, abs=1e-12)
    assert theory.mutual_information(np.eye(10) / 10) == pytest.approx(math.log(10))
    assert theory.mutual_information(table(0)) == pytest.approx(theory.mutual_information(table(0).T))


@pytest.mark.parametrize("seed", range(5))
def test_the_bound_and_its_gap(seed):
    joint = table(seed)
    right = joint / joint.sum(0)
    reader = np.random.default_rng(100 + seed).dirichlet(np.ones(4), size=6).T
    gap = (joint * np.log(right / reader)).sum()  # E KL(P(c|x) ‖ Q(c|x))
    assert gap > 0.01
    assert theory.information_bound(joint, right) == pytest.approx(theory.mutual_information(joint), abs=1e-12)
    assert theory.information_bound(joint, reader) == pytest.approx(theory.mutual_information(joint) - gap, abs=1e-12)


def test_a_reader_that_excludes_what_happens_is_worth_minus_infinity():
    assert theory.information_bound(np.eye(2) / 2, np.array([[0.0, 1.0], [1.0, 0.0]])) == -math.inf


def test_tensors_come_back_as_tensors_with_gradients():
    joint = torch.tensor(table(1))
    logits = torch.zeros(4, 6, dtype=torch.float64, requires_grad=True)
    bound = theory.information_bound(joint, logits.softmax(0))
    bound.backward()
    expected = joint - joint.sum(0) * logits.detach().softmax(0)  # of cross-entropy by its logits
    assert torch.allclose(logits.grad, expected, atol=1e-12)
    assert isinstance(theory.mutual_information(joint), torch.Tensor)


def test_contingency_is_scikit_learns():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 5, 200), rng.integers(0, 5, 200)
    assert np.array_equal(theory.contingency(a, torch.tensor(b), (5, 5)), confusion_matrix(a, b))
    assert theory.contingency([0, 1], [2, 0], (2, 4)).tolist() == [[0, 0, 1, 0], [1, 0, 0, 0]]


@pytest.mark.parametrize("wrong, message", [
    (np.full((2, 2), 0.5), r"mutual_information: joint must sum to 1 .* got 2; divide counts"),
    (np.array([[1.5, -0.5]]), "mutual_information: joint must hold probabilities, got a value of -0.5"),
    (np.ones(3) / 3, r"mutual_information: joint must be a table, .* got shape \(3,\)"),
    (np.array([[np.nan, 1.0]]), "mutual_information: joint must be finite")])
def test_wrong_tables(wrong, message):
    with pytest.raises(ValueError, match=message):
        theory.mutual_information(wrong)


def test_wrong_readers_and_counts():
    with pytest.raises(ValueError, match="information_bound: reader must hold probabilities of c for each x, columns"):
        theory.information_bound(np.eye(2) / 2, np.full((2, 2), 0.7))
    with pytest.raises(ValueError, match=r"expected one common shape, got joint \(2, 2\), reader \(2, 3\)"):
        theory.information_bound(np.eye(2) / 2, np.full((2, 3), 0.5))
    with pytest.raises(ValueError, match="contingency: second must be 0 to 1, got 0 to 2"):
        theory.contingency([0, 1], [2, 0], (2, 2))
    with pytest.raises(ValueError, match="contingency: first must be whole numbers"):
        theory.contingency(torch.rand(3), [0, 1, 0], (2, 2))
