"""Pairs stay together, unpaired draws are independent, and edges are where SciPy's Sobel filter has its crests."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from ganlib import draws
from ganlib.data import Pairs, Unpaired, edges, edges_to_garments, fashion_mnist, garments

GREY, COLOUR = torch.zeros(5, 1, 8, 8), torch.zeros(5, 3, 8, 8)


def numbered(n, channels=1):
    """n images, image i everywhere i/100."""
    return (torch.arange(n) / 100).view(n, 1, 1, 1).expand(n, channels, 4, 6)


def test_a_pair_stays_together():
    data = Pairs(numbered(50), -numbered(50, 3))
    torch.manual_seed(0)
    inputs, targets = data.sample(200)
    assert inputs.shape == (200, 1, 4, 6) and targets.shape == (200, 3, 4, 6) and len(data) == 50
    assert torch.equal(inputs[:, 0, 0, 0], -targets[:, 2, 3, 5]) and inputs[:, 0, 0, 0].unique().numel() > 40


def test_unpaired_images_are_drawn_independently():
    torch.manual_seed(0)
    a, b = Unpaired(numbered(8), -numbered(12)).sample(20_000)
    first, second = (a[:, 0, 0, 0] * 100).round().long(), (-b[:, 0, 0, 0] * 100).round().long()
    counts = torch.bincount(12 * first + second, minlength=96)
    # Chi-square of 95 degrees of freedom against all 96 pairs equally often: 170 is a chance of 4 in a million.
    assert len(counts) == 96 and ((counts - 20_000 / 96) ** 2 / (20_000 / 96)).sum() < 170


def test_domains_may_differ_in_number_size_and_channels():
    a, b = Unpaired(GREY, torch.zeros(3, 3, 16, 4)).sample(2)
    assert a.shape == (2, 1, 8, 8) and b.shape == (2, 3, 16, 4)


@pytest.mark.parametrize("data", [Pairs(numbered(50), -numbered(50)), Unpaired(numbered(50), -numbered(40))])
def test_samples_follow_the_seed_the_streams_and_the_device(data):
    torch.manual_seed(2)
    first = data.sample(6)
    torch.manual_seed(2)
    assert all(map(torch.equal, first, data.to("cpu").sample(6))) and not torch.equal(first[0], data.sample(6)[0])
    generators = [torch.Generator().manual_seed(seed) for seed in (0, 1)]
    with draws.streams(generators):
        together = data.sample(8)
    for half, generator in enumerate([torch.Generator().manual_seed(seed) for seed in (0, 1)]):
        with draws.streams([generator]):
            alone = data.sample(4)
        assert all(torch.equal(one[4 * half:4 * half + 4], other) for one, other in zip(together, alone, strict=True))
    assert {part.device.type for part in data.sample(2, device="meta")} == {"meta"}
    with pytest.raises(ValueError, match=rf"{type(data).__name__}\.sample: rows must be a whole number .*got 0"):
        data.sample(0)


@pytest.mark.parametrize(("make", "error", "says"), [
    (lambda: Pairs(GREY, COLOUR[:4]), ValueError, r"as many, .*got \(5, 1, 8, 8\) and \(4, 3, 8, 8\)"),
    (lambda: Pairs(GREY, GREY[..., :7]), ValueError, r"one height and width, got \(5, 1, 8, 8\) and \(5, 1, 8, 7\)"),
    (lambda: Pairs(GREY + 2, GREY), ValueError, r"inputs must lie in \[-1, 1\].*got 2 to 2"),
    (lambda: Pairs(GREY, GREY.int()), TypeError, "targets must hold floating-point numbers"),
    (lambda: Pairs(GREY, [1]), TypeError, "targets must be a torch tensor, got list"),
    (lambda: Unpaired(GREY[:0], GREY), ValueError, "a is empty"),
    (lambda: Unpaired(GREY, COLOUR[:, :2]), ValueError, r"b must have shape .*got \(5, 2, 8, 8\)"),
    (lambda: Unpaired(GREY, GREY[0]), ValueError, "b must have 4 dimensions"),
    (lambda: edges(GREY[0]), ValueError, "edges: images must have 4 dimensions"),
    (lambda: edges(GREY, 0), ValueError, "edges: threshold must be a finite number above 0, got 0"),
])
def test_bad_input_is_refused(make, error, says):
    with pytest.raises(error, match=says):
        make()


# ---- edges
def slopes(image):
    """SciPy's: grey per pixel, across and down, after the binomial blur."""
    weights = np.array([1, 2, 1]) / 4
    smooth = ndimage.convolve(image, np.outer(weights, weights), mode="nearest")
    return ndimage.sobel(smooth, axis=1, mode="nearest") / 8, ndimage.sobel(smooth, axis=0, mode="nearest") / 8


def test_lines_are_the_crests_of_scipys_slope():
    images = fashion_mnist("test").images[:40].double()
    for image, lines in zip(images[:, 0].numpy(), edges(images)[:, 0].numpy(), strict=True):
        across, down = slopes(image)
        slope = np.hypot(across, down)
        inner = slice(2, -2)  # apart from the frame, where both have to invent pixels
        for y, x in np.ndindex(slope.shape):
            step = (0, 1) if abs(across[y, x]) >= abs(down[y, x]) else (1, 0)
            if y in range(28)[inner] and x in range(28)[inner] and abs(abs(across[y, x]) - abs(down[y, x])) > 1e-9:
                behind, ahead = slope[y - step[0], x - step[1]], slope[y + step[0], x + step[1]]
                if min(abs(slope[y, x] - behind), abs(slope[y, x] - ahead), abs(slope[y, x] - 0.1)) > 1e-9:
                    assert (lines[y, x] == 1) == (slope[y, x] > max(behind, ahead, 0.1))


def test_a_step_gives_one_thin_line_and_a_plain_image_none():
    image = torch.full((1, 1, 12, 12), -1.0)
    assert (edges(image) == -1).all()
    image[..., 6:] = 1
    lines = edges(image)
    assert (lines == 1).sum(-1).unique().tolist() == [1] and lines.unique().tolist() == [-1, 1]
    assert torch.equal(edges(image.mT), lines.mT) and torch.equal(edges(image.expand(1, 3, 12, 12)), lines)


def test_the_threshold_is_a_slope_in_grey_per_pixel():
    ramp = torch.cat([torch.zeros(4), 0.2 * torch.arange(1, 6), torch.ones(3)])  # longer than both filters together
    step = torch.cat([torch.zeros(6), torch.full((6,), 0.4)])  # 0.4 · (1 + 2)/8: the filters joined are (1 2 0 −2 −1)/8
    for image, slope in ((ramp, 0.2), (step, 0.15)):
        assert (edges(image.expand(1, 1, 12, 12), slope - 0.001) == 1).any()
        assert (edges(image.expand(1, 1, 12, 12), slope + 0.001) == -1).all()


# ---- garments
def test_edges_to_garments_are_the_garments_and_their_edges():
    data = edges_to_garments("test", classes=[5, "Ankle boot"])
    shoes = fashion_mnist("test").only([5, 9]).images
    assert torch.equal(data.targets, shoes) and torch.equal(data.inputs, edges(shoes)) and len(data) == 400
    assert len(edges_to_garments("test")) == 2_000 and data.inputs.unique().tolist() == [-1, 1]
    ink = (edges_to_garments("test").inputs == 1).float().mean((1, 2, 3))
    assert 0.1 < ink.mean() < 0.2 and ink.min() > 0  # lines, not areas, and no empty drawing


def test_garments_are_two_classes():
    data, test = garments(), fashion_mnist("test")
    assert len(data.a) == len(data.b) == 1_000 and "1,000 images of 1 × 28 × 28" in repr(data)
    other = garments("Sneaker", 9, "test")
    assert torch.equal(other.a, test.only(7).images) and torch.equal(other.b, test.only(9).images)
    with pytest.raises(ValueError, match="classes must be names or numbers"):
        garments("Sock")
    with pytest.raises(ValueError, match="split must be 'train' or 'test', got 'dev'"):
        edges_to_garments("dev")
