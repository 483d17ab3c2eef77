"""Mutants of the right answers: at least 95 in 100 are refused, and those that are not are equivalent, by name."""

import pytest
from exercises import Code, Formula, Number, compiled, of_kind
from mutants import mutants

from ganlib.practice.formula import parse

# Mutants that do the same as the reference. A new survivor is a hole in a check, or belongs here with its reason.
EQUIVALENT: dict[str, dict[str, str]] = {
    "01.training_step": {"""def training_step(generator, discriminator, real, z_d, z_g, lr):
    sgd_d = torch.optim.SGD(discriminator.parameters(), lr)
    sgd_g = torch.optim.SGD(generator.parameters(), lr)
    fake = generator(z_d)
    loss_d = softplus(-discriminator(real)).mean() + softplus(discriminator(fake)).mean()
    sgd_d.zero_grad()
    loss_d.backward()
    sgd_d.step()
    loss_g = softplus(-discriminator(generator(z_g))).mean()
    sgd_g.zero_grad()
    loss_g.backward()
    sgd_g.step()""": "detach() saves time only: the generator's gradients are zeroed before its own step"},
    "03.jensen_shannon": {"""def jensen_shannon(p, q, dx):
    m = (q + p) / 2
    kl_p = (torch.xlogy(q, q) - torch.xlogy(q, m)).sum() * dx
    kl_q = (torch.xlogy(p, p) - torch.xlogy(p, m)).sum() * dx
    return (kl_p + kl_q) / 2""": "the divergence is symmetric in p and q"},
    "12.unbiased_mmd": {"""def unbiased_mmd(k_xx, k_yy, k_xy):
    n, m = (len(k_yy), len(k_xx))
    x = (k_yy.sum() - k_yy.trace()) / (n * (n - 1))
    y = (k_xx.sum() - k_xx.trace()) / (m * (m - 1))
    return x + y - 2 * k_xy.mean()""": "the distance is symmetric in data and samples"},
}
COUNT = {"all": 0, "survived": 0}


def survivors(exercise):
    """The mutants that pass, and how many there were."""
    passed, total = [], 0
    if isinstance(exercise, Code):
        for what, source in mutants(exercise.source):
            total += 1
            function = compiled(exercise, source)
            if all(exercise.grade(function, seed=seed).outcome == "pass" for seed in (0, 1)):
                passed.append((what, source))
    else:
        for what, source in mutants(exercise.reference):
            total += 1
            if isinstance(exercise, Formula):
                alike = exercise.grade(source).outcome == "pass"
            else:
                draws = [exercise.parameters(reader, 0) for reader in range(8)]
                alike = any(exercise._near(exercise.value(source, d), exercise.value(exercise.reference, d))
                            for d in draws)
            if alike:
                passed.append((what, source))
    return passed, total


@of_kind(Code, Formula, Number)
def test_mutants_are_refused(exercise):
    passed, total = survivors(exercise)
    known = EQUIVALENT.get(exercise.key, {})
    COUNT["all"] += total
    COUNT["survived"] += len(passed)
    new = [(what, source) for what, source in passed if source not in known]
    shown = "\n\n".join(f"# {what}\n{source}" for what, source in new)
    assert not new, f"{exercise.key}: {len(new)} of {total} mutants pass:\n{shown}"
    assert {source for _, source in passed} == set(known), "a mutant listed as equivalent is refused or gone"
    assert total or exercise.reference.isidentifier()


def test_at_least_95_percent_are_killed():
    if not COUNT["all"]:
        pytest.fail("run the whole file")
    assert COUNT["survived"] <= 0.05 * COUNT["all"]


def test_a_weak_check_is_noticed():
    """The negative control: a formula that is compared at points where q vanishes lets a mutant through."""
    from ganlib.practice import Mistake

    weak = Formula(id="weak", title="Weak", level="easy", prompt="?", hints=("?", "?"), explanation="!",
                   symbols={"p": (1.0, 2.0), "q": (0.0, 0.002)}, reference="p + 0*q",
                   mistakes=(Mistake("none", "q", "no"),))
    assert survivors(weak)[0]
    assert parse("p + q", "pq")
