"""Translators and the patch judge: shapes, starts, one picture at a time, skips, and how far a logit sees."""

import pytest
import torch
from torch import nn

from ganlib.networks.translation import PatchDiscriminator, ResidualTranslator, UNet, receptive_field
from ganlib.pretrained import storing


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def jacobian_rows(network, x, at):
    """|∂ output at one place / ∂ input|, summed over the input's channels: (height, width)."""
    x = x.clone().requires_grad_()
    (slope,) = torch.autograd.grad(network(x)[0, 0, at[0], at[1]], x)
    return slope[0].abs().sum(0)


def box(mask):
    """First and last row and column that are not 0."""
    rows, columns = mask.any(1).nonzero().flatten(), mask.any(0).nonzero().flatten()
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


TRANSLATORS = {
    "U-Net": lambda **k: UNet(channels=(4, 8, 12), **k),
    "U-Net, one halving": lambda **k: UNet(channels=(4, 8), **k),
    "U-Net, three halvings": lambda **k: UNet(channels=(4, 6, 8, 10), **k),
    "U-Net without skips": lambda **k: UNet(channels=(4, 8, 12), skips=False, **k),
    "U-Net with dropout": lambda **k: UNet(channels=(4, 8, 12), dropout=0.5, **k),
    "residual": lambda **k: ResidualTranslator(width=4, blocks=2, **k),
    "residual without blocks": lambda **k: ResidualTranslator(width=4, blocks=0, **k),
}
ALL = {**TRANSLATORS, "patches": lambda in_channels=1, out_channels=1: PatchDiscriminator(in_channels, (4, 8, 8)),
       "pixels": lambda in_channels=1, out_channels=1: PatchDiscriminator(in_channels, (4, 8), kernel=1, norm=False)}


@pytest.mark.parametrize("name", TRANSLATORS)
@pytest.mark.parametrize("channels", [(1, 1), (3, 1), (1, 3)])
@pytest.mark.parametrize("size", [(28, 28), (32, 32), (64, 16)])
def test_translators_keep_the_size(name, channels, size):
    if name == "U-Net, three halvings" and size == (28, 28):
        size = (24, 24)
    network = TRANSLATORS[name](in_channels=channels[0], out_channels=channels[1])
    y = network(torch.rand(2, channels[0], *size) * 2 - 1)
    assert y.shape == (2, channels[1], *size) and y.abs().max() <= 1 and y.std() > 0


@pytest.mark.parametrize("make", [UNet, ResidualTranslator])
def test_full_size_fits_a_shipped_file(make):
    assert 250_000 < sum(p.numel() for p in make().parameters()) < 350_000


@pytest.mark.parametrize("name", ALL)
def test_parameters_start_as_in_the_sources_and_are_redrawn(name):
    network = ALL[name]()
    with torch.no_grad():
        for p in network.parameters():
            p.fill_(7)
    torch.manual_seed(5)
    network.reset_parameters()
    torch.manual_seed(5)
    fresh = ALL[name]()
    for (key, a), b in zip(network.state_dict().items(), fresh.state_dict().values(), strict=True):
        assert torch.equal(a, b), key
    after = torch.get_rng_state()
    torch.manual_seed(5)
    network.reset_parameters()
    assert torch.equal(torch.get_rng_state(), after)  # building takes no other numbers
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    weights = torch.cat([m.weight.detach().flatten() for m in convolutions])
    assert weights.mean().abs() < 5 * 0.02 / len(weights) ** 0.5
    assert weights.std().item() == pytest.approx(0.02, abs=5 * 0.02 / (2 * len(weights)) ** 0.5)
    norms = [m for m in network.modules() if isinstance(m, nn.InstanceNorm2d)]
    assert all(m.weight.detach().sub(1).abs().max() < 0.1 and not m.bias.any() for m in norms)
    assert sum(m.bias is not None for m in convolutions) + len(norms) == len(convolutions)  # an offset each, never two


@pytest.mark.parametrize("name", [n for n in ALL if "dropout" not in n])
def test_an_answer_depends_on_its_own_picture_only_and_not_on_the_mode(name):
    """What batch norm would break, and what the reader must not have to think of when using a translator."""
    network = ALL[name]().double()
    x = torch.rand(3, 1, 16, 16, dtype=torch.double) * 2 - 1
    together = network.train()(x)
    alone = torch.cat([network.eval()(one[None]) for one in x])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_arguments_build_the_network_again(name):
    network = ALL[name](in_channels=3)
    kind, arguments = storing.described(network)
    again = storing.built(kind, arguments)
    assert [p.shape for p in again.parameters()] == [p.shape for p in network.parameters()]
    assert again.arguments == arguments and repr(again) == repr(network)
    stored = storing.quantised(network)  # it can be shipped
    x = torch.rand(1, 3, 16, 16)
    if "dropout" not in name:
        assert (stored(x) - network(x)).abs().max() < 0.05 * network(x).abs().max()


# ---- the U-Net
def test_without_skips_nothing_passes_but_through_the_middle():
    for skips in (True, False):
        network = UNet(channels=(4, 8, 8), skips=skips)
        x = torch.rand(1, 1, 16, 16)
        network.middle.register_forward_hook(lambda module, inputs, output: torch.zeros_like(output))
        assert torch.equal(network(x), network(-x)) is not skips


def test_dropout_is_on_in_both_modes_and_keeps_the_mean():
    network = UNet(channels=(4, 8), dropout=0.25)
    x = torch.rand(1, 1, 16, 16)
    for mode in (True, False):
        network.train(mode)
        assert not torch.equal(network(x), network(x))
    torch.manual_seed(1)
    first = network(x)
    torch.manual_seed(1)
    assert torch.equal(first, network(x))
    heard = []
    network.last.register_forward_pre_hook(lambda module, inputs: heard.append(inputs[0]))
    network(x.expand(400, -1, -1, -1))
    network.dropout = 0.0
    network(x)
    dropped, plain = heard[0][:, :4], heard[1][:, :4]
    assert ((dropped == 0) & (plain > 0)).sum() / (plain > 0).expand_as(dropped).sum() == pytest.approx(0.25, abs=0.005)
    torch.testing.assert_close(dropped.sum((2, 3)).mean(0), plain.sum((2, 3))[0], rtol=0.02, atol=0)


# ---- the patches
@pytest.mark.parametrize("layers, field", [
    ([(3, 1)], 3), ([(3, 1)] * 4, 9), ([(4, 2)] * 2, 10), ([(1, 1)] * 5, 1), ([], 1), ([(5, 3), (2, 1), (2, 1)], 11),
    ([(4, 2), (4, 1), (4, 1)], 16), ([(4, 2)] * 3 + [(4, 1)] * 2, 70), ([(4, 2)] * 5 + [(4, 1)] * 2, 286)])
def test_the_receptive_field_by_its_formula(layers, field):
    """The last three are those that Isola et al. 2017 name."""
    assert receptive_field(layers) == field


@pytest.mark.parametrize("channels, kernel, field", [
    ((4, 4), 4, 16), ((4,), 4, 7), ((4, 4, 4), 4, 34), ((2, 2, 2, 2), 4, 70), ((4, 4), 1, 1)])
def test_the_receptive_field_by_the_gradient(channels, kernel, field):
    network = PatchDiscriminator(2, channels, kernel, norm=False).double()
    assert network.receptive_field == field
    x = torch.randn(1, 2, 112, 112).double()
    side = network(x).shape[2]
    top, bottom, left, right = box(jacobian_rows(network, x, (side // 2, side // 2)) > 0)
    assert bottom - top + 1 == right - left + 1 == field and min(top, left) > 0 and max(bottom, right) < 111
    below = box(jacobian_rows(network, x, (side // 2 + 1, side // 2)) > 0)[0]
    assert below - top == (2 ** (len(channels) - 1) if kernel == 4 else 1)  # patches overlap by the rest


def test_pixels_outside_a_patch_do_not_count_unless_there_is_a_norm():
    for norm in (False, True):
        network = PatchDiscriminator(1, (4, 8), norm=norm).double()
        x = torch.randn(1, 1, 64, 64).double()
        other = x.clone()
        other[..., 40:] += 1  # the patch around (16, 16) ends long before
        assert bool((network(x)[..., 8, 8] == network(other)[..., 8, 8]).all()) is not norm


@pytest.mark.parametrize("channels, kernel, sides", [((4, 8), 4, {28: 12, 32: 14}), ((4, 8, 8), 4, {28: 5, 32: 6}),
                                                     ((4, 8), 1, {28: 28}), ((4, 4, 4, 4), 4, {256: 30})])
def test_one_logit_a_patch(channels, kernel, sides):
    for side, logits in sides.items():
        network = PatchDiscriminator(2, channels, kernel)
        assert network(torch.randn(2, 2, side, side)).shape == (2, 1, logits, logits)


# ---- bad input
@pytest.mark.parametrize("call, message", [
    (lambda: UNet(channels=(8,)), r"UNet: channels must be at least 2 widths, got \(8,\)"),
    (lambda: UNet(channels=8), "UNet: channels must be at least 2 widths, got 8"),
    (lambda: UNet(channels=(8, 0)), "UNet: channels must be a whole number of at least 1, got 0"),
    (lambda: UNet(in_channels=0), "UNet: in_channels must be"),
    (lambda: UNet(out_channels=1.5), "UNet: out_channels must be"),
    (lambda: UNet(dropout=1.0), "UNet: dropout must be a finite number at least 0 and below 1, got 1.0"),
    (lambda: UNet()(torch.zeros(2, 3, 28, 28)), r"UNet: expected pictures of shape \(n, 1, height, width\), got \(2,"),
    (lambda: UNet()(torch.zeros(2, 1, 30, 28)), "UNet: height and width must be multiples of 4, at least 8, got 30"),
    (lambda: UNet()(torch.zeros(2, 1, 4, 4)), "UNet: height and width must be multiples of 4, at least 8, got 4 × 4"),
    (lambda: ResidualTranslator(width=0), "ResidualTranslator: width must be"),
    (lambda: ResidualTranslator(blocks=-1), "ResidualTranslator: blocks must be a whole number of at least 0, got -1"),
    (lambda: ResidualTranslator()(torch.zeros(28, 28)), r"ResidualTranslator: expected pictures .* got \(28, 28\)"),
    (lambda: ResidualTranslator()(torch.zeros(1, 1, 28, 26)), "ResidualTranslator: height and width .* got 28 × 26"),
    (lambda: PatchDiscriminator(channels=()), "PatchDiscriminator: channels must be at least 1 widths"),
    (lambda: PatchDiscriminator(kernel=3), "PatchDiscriminator: kernel must be 4, or 1 for single pixels, got 3"),
    (lambda: PatchDiscriminator(2)(torch.zeros(2, 1, 28, 28)), r"PatchDiscriminator: expected .* \(n, 2, height, "),
    (lambda: PatchDiscriminator(channels=(2,) * 6)(torch.zeros(1, 1, 28, 28)),
     "PatchDiscriminator: pictures of 28 × 28 are too small for 6 hidden convolutions"),
    (lambda: receptive_field([(0, 1)]), "receptive_field: kernel must be a whole number of at least 1, got 0"),
    (lambda: receptive_field([(3, 0)]), "receptive_field: stride must be a whole number of at least 1, got 0"),
])
def test_errors_say_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
