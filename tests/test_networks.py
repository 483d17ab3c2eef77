"""The perceptron is torch's own layers, one network or many at once."""

import pytest
import torch
from torch import nn

from ganlib.networks import MLP

OWN = {"relu": nn.ReLU, "leaky_relu": lambda: nn.LeakyReLU(0.2), "tanh": nn.Tanh, "linear": nn.Identity}


def in_torch(network):
    """The same function of torch's own layers, with copies of the same parameters."""
    parts = []
    for layer in network.layers:
        own = nn.Linear(layer.weight.shape[1], layer.weight.shape[0], dtype=layer.weight.dtype)
        own.load_state_dict({"weight": layer.weight, "bias": layer.bias})
        parts += [own, OWN[network.activation]()]
    return nn.Sequential(*parts[:-1], OWN[network.output]())


def equal(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def blank(network):
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()


@pytest.mark.parametrize("sizes", [(3, 2), (3, 7, 2), (3, 7, 5, 2)])
@pytest.mark.parametrize("output", OWN)
@pytest.mark.parametrize("activation", OWN)
def test_equals_torchs_own_layers_with_the_same_parameters(activation, output, sizes):
    torch.manual_seed(0)
    network = MLP(*sizes, activation=activation, output=output)
    x = 3 * torch.randn(20, 3)
    assert torch.equal(network(x), in_torch(network)(x))


def test_gradients_equal_those_of_torchs_own_layers():
    torch.manual_seed(0)
    network = MLP(3, 7, 5, 2)
    reference, x = in_torch(network), torch.randn(20, 3)
    network(x).square().mean().backward()
    reference(x).square().mean().backward()
    for own, expected in zip(network.parameters(), reference.parameters(), strict=True):
        assert torch.equal(own.grad, expected.grad)


@pytest.mark.parametrize("sizes", [(2, 1), (2, 32, 32, 1), (3, 5, 7, 11), (64, 100, 784)])
def test_starts_from_the_numbers_of_torchs_own_layers(sizes):
    torch.manual_seed(5)
    network = MLP(*sizes)
    state = torch.get_rng_state()
    torch.manual_seed(5)
    reference = nn.Sequential(*(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False)))
    assert equal(network, reference) and torch.equal(state, torch.get_rng_state())
    network.reset_parameters()
    assert not equal(network, reference)
    torch.manual_seed(5)
    network.reset_parameters()
    assert equal(network, reference)


@pytest.mark.parametrize("shape", [(1, 28, 28), (28, 28), (784,), None])
def test_images_in_and_out_have_their_shapes(shape):
    generator, discriminator = MLP(64, 16, 784, output="tanh", shape=shape), MLP(784, 16, 1)
    fake = generator(torch.randn(5, 64))
    assert fake.shape == (5, *(shape or (784,))) and fake.abs().max() <= 1
    assert discriminator(fake).shape == (5, 1)
    assert torch.equal(discriminator(fake), discriminator(fake.reshape(5, 784)))


def test_a_picture_is_laid_out_row_by_row():
    generator = MLP(1, 12, shape=(1, 3, 4))
    with torch.no_grad():
        generator.layers[0].weight.zero_()
        generator.layers[0].bias.copy_(torch.arange(12.0))
    assert torch.equal(generator(torch.zeros(2, 1))[1, 0], torch.arange(12.0).reshape(3, 4))


# ---- stacks
def several(count=3, *, dtype=torch.float64, **settings):
    torch.manual_seed(1)
    return [MLP(2, 6, 5, 3, **settings).to(dtype) for _ in range(count)]


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("settings", [{}, {"activation": "tanh", "output": "tanh"}, {"shape": (3, 1, 1)}])
def test_a_stack_computes_each_member_on_its_own_part_of_the_batch(count, settings):
    members = several(count, **settings)
    stacked, x = members[0].stack(members), torch.randn(4 * count, 2, dtype=torch.float64)
    together = stacked(x)
    expected = torch.cat([member(part) for member, part in zip(members, x.chunk(count), strict=True)])
    assert together.shape == expected.shape == (4 * count, *members[0].shape)
    torch.testing.assert_close(together, expected, rtol=0, atol=1e-12)


def test_the_gradient_of_a_stack_is_each_members_own():
    members, x = several(), torch.randn(12, 2, dtype=torch.float64)
    stacked = members[0].stack(members)
    stacked(x).square().sum().backward()
    for i, (member, part) in enumerate(zip(members, x.chunk(3), strict=True)):
        member(part).square().sum().backward()
        for own, layer in zip(stacked.layers, member.layers, strict=True):
            torch.testing.assert_close(own.weight.grad[i], layer.weight.grad, rtol=0, atol=1e-12)
            torch.testing.assert_close(own.bias.grad[i], layer.bias.grad, rtol=0, atol=1e-12)


def test_gradients_through_a_stack_against_finite_differences():
    stacked = several(2, activation="tanh")[0].stack(several(2, activation="tanh"))
    names = [name for name, _ in stacked.named_parameters()]

    def output(x, *parameters):
        return torch.func.functional_call(stacked, dict(zip(names, parameters, strict=True)), (x,))

    x = torch.randn(4, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(output, (x, *stacked.parameters()))
    assert torch.autograd.gradgradcheck(output, (x, *stacked.parameters()))  # penalties differentiate twice


@pytest.mark.parametrize("count", [1, 3])
def test_unstacking_gives_the_members_back_as_copies(count):
    members = several(count, activation="relu", output="tanh", shape=(3, 1), dtype=torch.float64)
    stacked = members[0].stack(members)
    back = stacked.unstack()
    assert len(back) == count and all(equal(a, b) for a, b in zip(back, members, strict=True))
    x = torch.randn(4, 2, dtype=torch.float64)
    for one, member in zip(back, members, strict=True):
        assert torch.equal(one(x), member(x)) and one.members == 1
    assert all(p.requires_grad and p.is_leaf for p in (*stacked.parameters(), *back[0].parameters()))
    blank(stacked)
    assert all(equal(a, b) for a, b in zip(back, members, strict=True))
    blank(back[0])
    assert equal(members[0], several(count)[0]) and not equal(back[0], members[0])


def test_unstacking_one_network_gives_a_copy_of_it():
    network = MLP(2, 4, 1)
    (back,) = network.unstack()
    assert back is not network and equal(back, network)
    blank(back)
    assert not equal(back, network)


def test_stacking_and_unstacking_take_no_random_numbers_and_keep_the_dtype():
    members = several(dtype=torch.float64)
    state = torch.get_rng_state()
    stacked = members[0].stack(members)
    singles = stacked.unstack()
    assert torch.equal(state, torch.get_rng_state())
    assert {p.dtype for network in (stacked, *singles) for p in network.parameters()} == {torch.float64}


# ---- bad input
@pytest.mark.parametrize("call, message", [
    (lambda: MLP(3), r"MLP: sizes must name at least an input and an output width, got \(3,\)"),
    (lambda: MLP(2, 0, 1), "MLP: sizes must be a whole number of at least 1, got 0"),
    (lambda: MLP(2, 4.0, 1), "MLP: sizes must be a whole number of at least 1, got 4.0"),
    (lambda: MLP(2, 4, activation="swish"), "activation must be one of relu, leaky_relu, tanh, linear, got 'swish'"),
    (lambda: MLP(2, 4, output="sigmoid"), "MLP: output must be one of .*, got 'sigmoid'"),
    (lambda: MLP(2, 4, shape=(1, 5)), r"MLP: shape must hold 4 numbers, the last size, got \(1, 5\)"),
    (lambda: MLP(2, 4, shape=(-2, -2)), "MLP: shape must be a whole number of at least 1, got -2"),
    (lambda: MLP(2, 4)(torch.zeros(5, 3)), r"MLP: expected 2 numbers a sample, got shape \(5, 3\)"),
    (lambda: MLP(2, 4)(torch.zeros(2)), r"MLP: expected 2 numbers a sample, got shape \(2,\)"),
    (lambda: MLP(1, 4)(torch.zeros(5)), r"MLP: expected 1 numbers a sample, got shape \(5,\)"),
    (lambda: MLP(2, 4).stack([]), "MLP.stack: networks is empty"),
    (lambda: MLP(2, 4).stack([MLP(2, 5)]), r"MLP.stack: networks must be single .*got \(\(2, 5\)"),
    (lambda: MLP(2, 4, 1).stack([MLP(2, 4, 1), MLP(2, 4, 1, activation="relu")]), "got .*'relu'"),
    (lambda: MLP(2, 4).stack([MLP(2, 4).stack([MLP(2, 4)])]), "networks must be single"),
])
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ---- spectral normalisation
def spectral_in_torch(network):
    """The same network of torch's own layers and torch's own spectral norm, with the same vectors to begin with."""
    reference = in_torch(network)
    for own, layer in zip(network.layers, (m for m in reference if isinstance(m, nn.Linear)), strict=True):
        torch.nn.utils.parametrizations.spectral_norm(layer)
        norm = layer.parametrizations.weight[0]
        norm._u.copy_(own.u)
        norm._v.copy_(own.v)
    return reference


def test_spectral_norm_equals_torchs_pass_by_pass_and_in_its_gradients():
    torch.manual_seed(0)
    network = MLP(3, 7, 5, 2, spectral=True).double()
    reference, x = spectral_in_torch(network), torch.randn(20, 3, dtype=torch.float64)
    originals = [p for m in reference if isinstance(m, nn.Linear) for p in (m.parametrizations.weight.original, m.bias)]
    for _ in range(3):
        mine, theirs = network(x), reference(x)
        torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-13)
        gradients = [torch.autograd.grad(out.square().mean(), own)
                     for out, own in ((mine, list(network.parameters())), (theirs, originals))]
        for one, other in zip(*gradients, strict=True):
            torch.testing.assert_close(one, other, rtol=0, atol=1e-13)
        with torch.no_grad():
            for one, other in zip(network.parameters(), originals, strict=True):
                one += 0.1 * one.sign()
                other += 0.1 * other.sign()
    network.eval(), reference.eval()
    torch.testing.assert_close(network(x), reference(x), rtol=0, atol=1e-13)


def test_spectral_norm_makes_every_layer_and_the_whole_one_lipschitz():
    torch.manual_seed(0)
    network = MLP(3, 9, 4, 1, spectral=True).double()
    with torch.no_grad():
        for layer in network.layers:
            layer.weight *= 7
        for _ in range(300):
            network(torch.zeros(1, 3, dtype=torch.float64))
    for layer in network.layers:
        seen = layer(torch.eye(layer.weight.shape[1], dtype=torch.float64)) - layer.bias
        assert torch.linalg.matrix_norm(seen, 2).item() == pytest.approx(1, abs=1e-9)
    a, b = torch.randn(2, 500, 3, dtype=torch.float64)
    assert ((network(a) - network(b)).abs().squeeze(1) <= (a - b).norm(dim=1) * (1 + 1e-9)).all()


def test_spectral_norm_of_a_stack_and_double_backward():
    singles = several(3, spectral=True)
    stacked, x = singles[0].stack(singles), torch.randn(12, 2, dtype=torch.float64)
    for _ in range(2):
        torch.testing.assert_close(stacked(x), torch.cat([n(p) for n, p in zip(singles, x.chunk(3), strict=True)]))
    for one, other in zip(stacked.unstack(), singles, strict=True):
        assert all(torch.equal(a, b) or torch.allclose(a, b, atol=1e-14)
                   for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))
    network = MLP(2, 4, 1, spectral=True, activation="tanh").double().eval()
    assert torch.autograd.gradgradcheck(network, torch.randn(3, 2, dtype=torch.float64, requires_grad=True))


def test_spectral_norm_starts_near_the_true_norm():
    torch.manual_seed(2)
    network = MLP(8, 64, 64, 1, spectral=True)
    for layer in network.layers:
        largest = torch.linalg.matrix_norm(layer.weight.detach(), 2)
        assert 0.9 * largest < layer.u @ layer.weight.detach() @ layer.v <= largest * 1.0001


# ---- statistics of the batch
def test_the_last_layer_sees_the_spread_of_the_batch():
    torch.manual_seed(0)
    network = MLP(2, 6, 3, minibatch_std=True).double()
    x = torch.randn(10, 2, dtype=torch.float64)
    hidden = nn.functional.leaky_relu(x @ network.layers[0].weight.T + network.layers[0].bias, 0.2)
    spread = hidden.std(0, unbiased=False).mean()
    expected = torch.cat([hidden, spread.expand(10, 1)], 1) @ network.layers[1].weight.T + network.layers[1].bias
    torch.testing.assert_close(network(x), expected, rtol=0, atol=1e-6)
    assert network.layers[1].weight.shape == (3, 7)
    same = x[:1].expand(10, 2)
    assert not torch.allclose(network(same)[0], network(x)[0])  # what it says of a sample depends on the others …
    plain = MLP(2, 6, 3).double()
    assert torch.allclose(plain(same)[0], plain(x)[0])  # … and without this it does not


def test_statistics_are_those_of_each_members_own_batch():
    singles = several(3, minibatch_std=True)
    x = torch.randn(12, 2, dtype=torch.float64) * torch.tensor([1.0, 10, 0.1]).repeat_interleave(4)[:, None]
    torch.testing.assert_close(singles[0].stack(singles)(x),
                               torch.cat([n(p) for n, p in zip(singles, x.chunk(3), strict=True)]))
