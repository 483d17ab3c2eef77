"""Slant and thickness: known of drawn shapes, and what the data are known for."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from ganlib.data import mnist
from ganlib.data.strokes import slant, thickness


def drawn(rows, columns):
    """A picture with ink in this rectangle."""
    picture = -torch.ones(1, 1, 28, 28)
    picture[:, :, rows, columns] = 1
    return picture


def sheared(picture, by):
    """Moved to the right by ``by`` pixels per row upwards, about the middle, with SciPy's interpolation."""
    middle = 13.5
    matrix = np.array([[1, 0], [by, 1]])  # output (row, column) → input
    offset = np.array([0, -by * middle])
    ink = ndimage.affine_transform((picture[0, 0].numpy() + 1) / 2, matrix, offset, order=1)
    return torch.tensor(2 * ink - 1).float().clamp(-1, 1)[None, None]


def test_an_upright_bar_has_no_slant():
    assert abs(slant(drawn(slice(4, 24), slice(12, 15))).item()) < 1e-6


@pytest.mark.parametrize("by", [-0.4, 0.2, 0.5])
def test_a_shear_is_found(by):
    bar = drawn(slice(4, 24), slice(12, 16))
    assert abs(slant(sheared(bar, by)).item() - by) < 0.01


def test_a_shear_is_added_whatever_the_shape():
    digits = mnist("test").images[[3, 500, 900, 1500]]
    for digit in digits:
        before, after = slant(digit[None]).item(), slant(sheared(digit[None], 0.2)).item()
        assert abs(after - before - 0.2) < 0.02


def test_lines_that_lean_to_the_right_are_positive():
    stroke = -torch.ones(1, 1, 28, 28)
    for step in range(20):
        stroke[0, 0, 23 - step, 4 + step] = 1  # from the lower left to the upper right
    assert abs(slant(stroke).item() - 1) < 1e-5
    assert abs(slant(stroke.flip(-1)).item() + 1) < 1e-5


@pytest.mark.parametrize("width", [1, 2, 4])
def test_the_width_of_a_bar(width):
    """Twice the area over the perimeter, exactly but for the corner pixels, whose two steps count as one diagonal."""
    bar = drawn(slice(2, 26), slice(10, 10 + width))
    perimeter = 2 * (24 + width) - (2 - 2 ** 0.5)  # one pixel has both a step down and one across
    assert abs(thickness(bar).item() - 2 * 24 * width / perimeter) < 1e-4
    assert abs(thickness(bar).item() / width - 1) < 0.16


def test_thicker_is_thicker():
    digits = mnist("test").images[::50]
    ink = (digits[:, 0].numpy() + 1) / 2
    fat = torch.tensor(2 * ndimage.grey_dilation(ink, size=(1, 2, 2)) - 1).float()[:, None]
    thin = torch.tensor(2 * ndimage.grey_erosion(ink, size=(1, 2, 2)) - 1).float()[:, None]
    assert (thickness(fat) > thickness(digits) + 0.3).all()
    assert (thickness(thin) < thickness(digits)).all()


def test_neither_depends_on_where_the_digit_is_nor_thickness_on_its_slant():
    bar = drawn(slice(8, 22), slice(6, 9))
    moved = bar.roll((3, 10), (2, 3))
    assert torch.allclose(slant(bar), slant(moved), atol=1e-6)
    assert torch.allclose(thickness(bar), thickness(moved), atol=1e-6)
    at_the_edge = bar.roll(-6, 3)
    assert torch.allclose(thickness(bar), thickness(at_the_edge), atol=1e-6)


def test_empty_pictures_and_errors():
    empty = -torch.ones(2, 1, 28, 28)
    assert torch.equal(slant(empty), torch.zeros(2)) and torch.equal(thickness(empty), torch.zeros(2))
    with pytest.raises(ValueError, match=r"slant: images must be grey, .* got shape \(1, 3, 28, 28\)"):
        slant(torch.zeros(1, 3, 28, 28))
    with pytest.raises(ValueError, match="thickness: images must lie in"):
        thickness(torch.full((1, 1, 28, 28), 255.0))
