"""Mode coverage on samples counted by hand, and what a perfect and a collapsed generator get."""

import math

import numpy as np
import pytest
import torch

from ganlib import data
from ganlib.metrics import ModeCoverage, mode_coverage

CORNERS = torch.tensor([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0], [8.0, 8.0]])


def test_samples_counted_by_hand():
    samples = torch.tensor([
        [0.0, 0.0], [1.5, 0.0], [0.0, -1.0],  # three good ones at the first corner, the second on the border of 3 std
        [8.0, 1.5],                           # a good one at the second, on the border
        [8.0, 9.75],                          # nearest to the fourth corner, but too far: no mode is covered by it
        [0.0, 6.0], [0.0, 6.25], [0.0, 10.0],  # too far from the third
    ])
    found = mode_coverage(samples, CORNERS, std=0.5)
    assert found.modes == 2 and found.high_quality == 4 / 8
    share = np.array([3, 1, 3, 1]) / 8
    assert found.reverse_kl == pytest.approx(float((share * np.log(share / 0.25)).sum()), rel=1e-12)


def test_three_standard_deviations_are_inside_and_a_hair_more_is_not():
    three, origin = torch.tensor([[3.0]], dtype=torch.float64), torch.zeros(1, 1)
    assert mode_coverage(three, origin, std=1.0) == ModeCoverage(1, 1.0, 0.0)
    assert mode_coverage(three * (1 + 1e-12), origin, std=1.0) == ModeCoverage(0, 0.0, 0.0)
    assert mode_coverage(-three, origin, std=1.0).high_quality == 1
    diagonal = torch.tensor([[1.8, 2.4]], dtype=torch.float64)  # 3-4-5: Euclidean distance 3, not 1.8, 2.4 or 4.2
    assert mode_coverage(diagonal * (1 - 1e-12), torch.zeros(1, 2), 1.0).modes == 1
    assert mode_coverage(diagonal * (1 + 1e-12), torch.zeros(1, 2), 1.0).modes == 0


def test_one_good_sample_covers_a_mode():
    far = torch.full((999, 2), 4.0)
    found = mode_coverage(torch.cat([far, CORNERS]), CORNERS, std=0.1)
    assert found.modes == 4 and found.high_quality == pytest.approx(4 / 1003)


@pytest.mark.parametrize("mixture", [data.grid(), data.ring()], ids=["grid", "ring"])
def test_a_perfect_sampler_is_near_the_ceiling_and_the_floor(mixture):
    torch.manual_seed(0)
    n, runs, k = 2500, 40, len(mixture.centers)
    found = [mode_coverage(mixture.sample(n), mixture.centers, mixture.std) for _ in range(runs)]
    assert all(f.modes == k for f in found)
    ceiling, floor = 1 - math.exp(-4.5), (k - 1) / (2 * n)
    error = (ceiling * (1 - ceiling) / (n * runs)) ** 0.5
    assert abs(np.mean([f.high_quality for f in found]) - ceiling) < 4 * error
    error = (2 * (k - 1) / runs) ** 0.5 / (2 * n)  # 2n·KL is about chi-square with k − 1 degrees of freedom
    assert abs(np.mean([f.reverse_kl for f in found]) - floor) < 4 * error


@pytest.mark.parametrize("kept", [1, 4, 25])
def test_a_generator_that_kept_some_modes_has_the_logarithm_of_the_share(kept):
    grid = data.grid()
    found = mode_coverage(grid.centers[:kept].repeat(10, 1), grid.centers, grid.std)
    assert found.modes == kept and found.high_quality == 1
    assert found.reverse_kl == pytest.approx(math.log(25 / kept), abs=1e-12)


def test_the_order_of_samples_and_of_centres_does_not_matter():
    torch.manual_seed(1)
    samples = torch.randn(500, 2)
    centers = torch.randn(7, 2)
    found = mode_coverage(samples, centers, 0.1)
    for _ in range(5):
        mixed = mode_coverage(samples[torch.randperm(500)], centers[torch.randperm(7)], 0.1)
        assert mixed[:2] == found[:2] and mixed.reverse_kl == pytest.approx(found.reverse_kl, rel=1e-12)
    moved = mode_coverage(samples * 4 + 2, centers * 4 + 2, 0.4)  # nor do the place and the unit
    assert moved[:2] == found[:2] and moved.reverse_kl == pytest.approx(found.reverse_kl, rel=1e-12)


def test_arrays_lists_tensors_and_any_dtype_give_the_same():
    samples = data.ring(3).sample(50)
    found = mode_coverage(samples, data.ring(3).centers, 0.05)
    for convert in (torch.Tensor.numpy, torch.Tensor.tolist, torch.Tensor.double, lambda x: x.double().numpy(),
                    lambda x: x.clone().requires_grad_()):
        assert mode_coverage(convert(samples), convert(data.ring(3).centers), 0.05) == found
    assert mode_coverage([[0, 0], [2, 2]], [[0, 0], [2, 2]], 1).modes == 2
    assert [type(value) for value in found] == [int, float, float]


def test_the_border_is_as_sharp_far_from_the_origin():
    center, many = torch.full((1, 1), 1e6).double(), torch.full((40, 1), 1e6).double()
    assert mode_coverage(many + 0.375, center, std=0.125).high_quality == 1
    assert mode_coverage(many + 0.375001, center, std=0.125).high_quality == 0


@pytest.mark.parametrize("samples, centers, std, message", [
    (torch.zeros(4), CORNERS, 1.0, r"mode_coverage: samples must have 2 dimensions, got shape \(4,\)"),
    (torch.zeros(0, 2), CORNERS, 1.0, "mode_coverage: samples is empty"),
    (torch.zeros(4, 2), CORNERS[0], 1.0, r"mode_coverage: centers must have 2 dimensions, got shape \(2,\)"),
    (torch.zeros(4, 2), CORNERS[:0], 1.0, "mode_coverage: centers is empty"),
    (torch.zeros(4, 3), CORNERS, 1.0, r"one dimension, got shapes \(4, 3\) and \(4, 2\)"),
    (torch.full((4, 2), math.nan), CORNERS, 1.0, "samples must be finite, got 8 NaN or infinite values of 8"),
    (torch.zeros(4, 2), CORNERS / 0, 1.0, "centers must be finite"),
    (torch.zeros(4, 2), CORNERS, 0.0, "std must be a finite number above 0, got 0.0"),
    (torch.zeros(4, 2), CORNERS, -1.0, "std must be a finite number above 0, got -1.0"),
    (torch.zeros(4, 2), CORNERS, math.nan, "std must be a finite number above 0, got nan"),
])
def test_bad_values_are_named(samples, centers, std, message):
    with pytest.raises(ValueError, match=message):
        mode_coverage(samples, centers, std)


@pytest.mark.parametrize("samples", ["many", None, [[1.0], [1.0, 2.0]]])
def test_what_is_not_a_table_of_numbers_is_named(samples):
    with pytest.raises(TypeError, match="mode_coverage: samples must be numbers in 2 dimensions, got"):
        mode_coverage(samples, CORNERS, 1.0)
