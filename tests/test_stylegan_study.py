"""The study of chapter 17: what it measures, on generators of which the answer is known."""

import pytest
import torch
from torch import nn

from ganlib.networks.stylegan import LAYERS, StyleGenerator
from ganlib.studies import stylegan


class Layered:
    """Styles (n, 6, 3): the class of a picture is said by the middle ones, its brightness by the fine ones."""

    latent = 3

    def synthesis(self, styles, noise="fresh"):
        if styles.dim() == 2:
            styles = styles[:, None].expand(-1, len(LAYERS), -1)
        x = -torch.ones(len(styles), 1, 28, 28)
        for row, (kind, light) in enumerate(zip(styles[:, 1, 0], styles[:, 5, 1].sigmoid(), strict=True)):
            part = slice(0, 14) if kind > 0 else slice(14, 28)
            x[row, 0, part] = 2 * (0.2 + 0.8 * light) - 1
        return x


class Upper(nn.Module):
    """Logits of two classes: more ink in the upper half, or in the lower one."""

    def forward(self, x):
        return torch.stack([x[:, 0, :14].mean((1, 2)), x[:, 0, 14:].mean((1, 2))], 1)


def test_shared_out_finds_what_each_group_carries():
    torch.manual_seed(0)
    a, b = torch.randn(2, 200, 3)
    found = stylegan.shared_out(Layered(), Upper(), a, b)
    assert found["kept"] == [1, 0, 1] and found["taken"] == [0, 1, 0]
    assert found["light"][2] == pytest.approx(1, abs=1e-4) and max(map(abs, found["light"][:2])) < 0.3


def test_brightness_is_that_of_the_article():
    x = -torch.ones(3, 1, 28, 28)
    x[0, 0, :3], x[1, 0, :20] = 0.5, 0.5
    assert stylegan.brightness(x).tolist() == pytest.approx([0.75, 0.75, 0])


@torch.no_grad()
def test_exchanged_and_crossed_mix_two_styles():
    torch.manual_seed(0)
    generator = StyleGenerator(4, (6, 4, 3), 2).eval()
    a, b = torch.randn(2, 8, 4)
    whole = torch.stack([a, b, b, a, a, a], 1)
    assert torch.equal(stylegan.exchanged(generator, a, b, "middle"), generator.synthesis(whole))
    x = stylegan.crossed(generator, a)
    for i in range(8):
        options = [generator.synthesis(torch.stack([a[i]] * k + [a[i - 1]] * (6 - k))[None]) for k in range(1, 6)]
        assert min((x[i] - option[0]).abs().max() for option in options) < 1e-5


def test_a_short_run_is_measured():
    generator = stylegan.play({"path_weight": 0.1}, 0, steps=2).game.average.eval()
    before = torch.get_rng_state()
    found, again = (stylegan.measured(generator, 100) for _ in range(2))
    assert found == again and torch.equal(torch.get_rng_state(), before)
    assert set(found) == {"frechet", "crossed", "length", "spread", "smooth", "strength", "noise",
                          "kept", "taken", "light"}
    assert len(found["strength"]) == 5 and all(len(found[key]) == 3 for key in ("kept", "taken", "light"))
    assert found["spread"] > 0.1 and found["length"] > 0
