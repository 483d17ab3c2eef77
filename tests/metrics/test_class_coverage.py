"""Class shares counted by hand, and features in batches."""

import math

import pytest
import torch

from ganlib.metrics import by_batches, class_coverage


def logits(labels, k=4):
    return 5 * torch.nn.functional.one_hot(torch.tensor(labels), k).float() - 3


def test_shares_counted_by_hand():
    found = class_coverage(logits([0, 0, 0, 1, 1, 2, 2, 2]))
    assert found.shares == (3 / 8, 2 / 8, 3 / 8, 0) and found.classes == 3 and found.accuracy is None
    assert found.kl == pytest.approx(2 * 3 / 8 * math.log(1.5), rel=1e-12)
    assert class_coverage(logits([0, 1, 2, 3])).kl == 0
    assert class_coverage(logits([2] * 9)).kl == pytest.approx(math.log(4))


def test_a_class_counts_from_a_tenth_of_its_share():
    assert class_coverage(logits([0] * 39 + [1])).classes == 2  # 1/40 is a tenth of a quarter
    assert class_coverage(logits([0] * 40 + [1])).classes == 1


def test_other_shares_may_be_wanted():
    found = class_coverage(logits([0, 0, 0, 1]), shares=[6, 2, 1, 1])
    assert found.kl == pytest.approx(0.75 * math.log(0.75 / 0.6) + 0.25 * math.log(0.25 / 0.2), rel=1e-12)
    assert class_coverage(logits([0, 0, 0, 1], 2), shares=torch.tensor([0.75, 0.25])).kl == 0


def test_accuracy_is_against_the_wanted_labels():
    found = class_coverage(logits([0, 1, 2, 3]), wanted=torch.tensor([0, 1, 3, 3]))
    assert found.accuracy == 3 / 4
    assert class_coverage(logits([0, 1, 2, 3]), wanted=[1, 1, 1, 1]).accuracy == 1 / 4


@pytest.mark.parametrize("given, settings, message", [
    (torch.zeros(4), {}, r"logits must have 2 dimensions, got shape \(4,\)"),
    (torch.zeros(4, 2) / 0, {}, "logits must be finite"),
    (torch.zeros(4, 2), {"shares": [1, 1, 1]}, "shares must be 2 numbers above 0, one a class"),
    (torch.zeros(4, 2), {"shares": [1, 0]}, "shares must be 2 numbers above 0"),
    (torch.zeros(4, 2), {"wanted": [0, 1]}, r"wanted must be 4 whole numbers, one a row of logits, got shape \(2,\)"),
    (torch.zeros(4, 2), {"wanted": torch.zeros(4)}, "wanted must be 4 whole numbers.*float32"),
])
def test_bad_values_are_named(given, settings, message):
    with pytest.raises(ValueError, match=f"class_coverage: {message}"):
        class_coverage(given, **settings)


def test_batches_are_joined_without_gradients():
    sizes, weight = [], torch.tensor(2.0, requires_grad=True)

    def double(x):
        sizes.append(len(x))
        return x * weight

    x = torch.randn(23, 2, 3)
    found = by_batches(double, x, batch=10)
    assert torch.equal(found, 2 * x) and not found.requires_grad and sizes == [10, 10, 3]
    with pytest.raises(ValueError, match="by_batches: batch must be a whole number of at least 1, got 0"):
        by_batches(double, x, 0)
    with pytest.raises(TypeError, match="by_batches: x must be a torch tensor, got list"):
        by_batches(double, [1.0])
