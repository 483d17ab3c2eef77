"""InfoGAN's discriminator: shapes, one body for both heads, its start, errors."""

import json

import pytest
import torch

from ganlib.networks.infogan import InfoDiscriminator


@pytest.mark.parametrize("batch_norm", [False, True])
def test_shapes_and_the_two_heads(batch_norm):
    D = InfoDiscriminator(7, 3, (4, 6, 8), hidden=5, batch_norm=batch_norm).eval()
    x = torch.rand(6, 1, 28, 28) * 2 - 1
    logits, reading = D.both(x)
    assert D.features(x).shape == (6, 72) and logits.shape == (6, 1) and reading.shape == (6, 10)
    assert torch.equal(logits, D(x)) and torch.equal(reading, D.read(x))


def test_one_body_serves_both():
    D = InfoDiscriminator(channels=(4, 6, 8))
    x = torch.rand(3, 1, 28, 28)
    logits, reading = D.both(x)
    for output, own, other in ((D(x), D.judge, D.reader), (D.read(x), D.reader, D.judge),
                               (logits, D.judge, D.reader), (reading, D.reader, D.judge)):
        reached = torch.autograd.grad(output.sum(), list(D.parameters()), allow_unused=True, retain_graph=True)
        with_gradient = {id(p) for p, g in zip(D.parameters(), reached, strict=True) if g is not None}
        assert with_gradient == {id(p) for p in (*D.body.parameters(), *own.parameters())}
        assert not with_gradient & {id(p) for p in other.parameters()}


def test_no_softmax_at_the_end():
    D = InfoDiscriminator(channels=(4, 6, 8)).eval()
    with torch.no_grad():
        D.reader[-1].bias.fill_(5.0)
    assert (D.read(torch.zeros(1, 1, 28, 28)) > 2).all()


def test_the_start_is_dcgans_and_belongs_to_the_seed():
    torch.manual_seed(3)
    D = InfoDiscriminator(batch_norm=True)
    torch.manual_seed(3)
    again = InfoDiscriminator(batch_norm=True)
    torch.manual_seed(3)
    again.reset_parameters()
    assert all(torch.equal(a, b) for a, b in zip(D.parameters(), again.parameters(), strict=True))
    assert abs(D.body[2].weight.std().item() / 0.02 - 1) < 0.05
    assert abs(D.body[3].weight.mean().item() - 1) < 0.02  # batch norm's scales are about 1, not about 0
    assert all((m.bias == 0).all() for m in (D.judge, D.reader[0], D.reader[2], D.body[0]))


def test_arguments_build_it_again():
    D = InfoDiscriminator(5, 1, (4, 6, 8), hidden=9, batch_norm=True)
    twin = InfoDiscriminator(**json.loads(json.dumps(D.arguments)))
    twin.load_state_dict(D.state_dict())
    x = torch.rand(2, 1, 28, 28)
    assert torch.equal(D.eval().both(x)[1], twin.eval().both(x)[1])


def test_errors_say_what_came():
    with pytest.raises(ValueError, match="InfoDiscriminator: categories must be a whole number of at least 2, got 1"):
        InfoDiscriminator(1)
    with pytest.raises(ValueError, match=r"InfoDiscriminator: channels must be three widths, .* got \(3, 4\)"):
        InfoDiscriminator(channels=(3, 4))
    with pytest.raises(ValueError, match=r"expected pictures of shape \(n, 1, 28, 28\), got \(2, 784\)"):
        InfoDiscriminator()(torch.zeros(2, 784))
