"""What the study of chapter 15 measures: where a drawing is blank, grain, tones, lines; and its variants."""

import pytest
import torch

from ganlib.data import Pairs, edges, edges_to_garments
from ganlib.pretrained.recipes.pix2pix_fashion import blank, grain, judged, lines, tones
from ganlib.studies import pix2pix


@pytest.fixture(scope="module")
def held():
    return edges_to_garments("test")


def test_blank_is_on_the_garment_and_away_from_lines():
    drawing, target = -torch.ones(1, 1, 9, 9), torch.zeros(1, 1, 9, 9)
    drawing[0, 0, 4, 4] = 1.0
    target[..., 0] = -1.0
    where = blank(Pairs(drawing, target))
    assert not where[0, 0, 3:6, 3:6].any() and not where[..., 0].any()
    assert int(where.sum()) == 9 * 9 - 9 - 9


def test_grain_of_a_ramp_is_its_slope_and_counts_pairs_of_pixels_within():
    ramp = (torch.arange(8.0) * 0.1 - 0.5)[:, None].expand(8, 8)[None, None]
    everywhere = torch.ones(1, 1, 8, 8, dtype=torch.bool)
    assert grain(ramp, everywhere) == pytest.approx(0.1)
    assert grain(ramp.transpose(2, 3), everywhere) == pytest.approx(0.0, abs=1e-7)
    broken = ramp.clone()
    broken[0, 0, 4] = 1.0
    spared = everywhere.clone()
    spared[0, 0, 4] = False
    assert grain(broken, spared) == pytest.approx(0.1)
    assert grain(broken, everywhere) > 0.2


def test_tones_are_means_where_asked():
    pictures = torch.stack([torch.full((1, 4, 4), 0.5), torch.full((1, 4, 4), -0.25)])
    pictures[:, :, 0] = 1.0
    where = torch.ones(2, 1, 4, 4, dtype=torch.bool)
    where[:, :, 0] = False
    assert tones(pictures, where).tolist() == [0.5, -0.25]
    assert tones(pictures, torch.zeros_like(where)).tolist() == [0.0, 0.0]


def test_lines_agree_with_themselves_to_a_pixel_and_not_with_strangers(held):
    x, y = held.inputs[:200], held.targets[:200]
    assert lines(x, y) == 1.0
    assert lines(x, y.roll(1, 3)) > 0.97, "shifted by a pixel; the frame costs a little"
    assert lines(x, y.roll(4, 3)) < 0.8
    assert lines(x, -y) == 1.0, "a negative has the same lines"
    assert lines(x, y.roll(1, 0)) < 0.6
    assert lines(x, -torch.ones_like(y)) == 0.0, "no lines at all"
    assert torch.equal(edges(y), x)


def test_the_targets_themselves_are_perfect(held):
    from ganlib import pretrained
    found = judged(held.targets, pretrained.load("classifier_fashion"))
    assert found["l1"] == 0 and found["lines"] == 1 and found["frechet"] < 1e-6 and found["accuracy"] > 0.88
    smooth = torch.nn.functional.avg_pool2d(held.targets, 3, 1, 1)
    worse = judged(smooth, pretrained.load("classifier_fashion"))
    assert worse["grain"] < 0.7 * found["grain"] and worse["l1"] > 0 and worse["frechet"] > 1


@pytest.mark.parametrize("name", pix2pix.VARIANTS)
def test_every_variant_is_what_its_name_says(name):
    game = pix2pix.play(pix2pix.VARIANTS[name], seed=0, steps=1).game
    assert (game.weights["adversarial"] == 0) == (name == "L1 alone")
    assert (game.weights["l1"] == 0) == name.startswith("judge")
    assert game.conditional == (name != "judge not told") and game.generator.skips == (name != "no skips")
    assert game.generator.arguments["channels"] == list(pix2pix.CHANNELS)
