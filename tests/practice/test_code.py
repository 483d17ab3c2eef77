"""Code as answers: every way in which a function can be wrong is found, and named."""

import time

import numpy as np
import pytest
import torch
from torch.nn.functional import softplus

from ganlib.networks import MLP
from ganlib.practice import Case, Code, Mistake
from ganlib.practice.code import fake_logit_cases, logit_cases


def d_loss(real_logits, fake_logits):
    return softplus(-real_logits).mean() + softplus(fake_logits).mean()


def exercise(reference=d_loss, inputs=logit_cases, **fields):
    return Code(**{"id": reference.__name__, "title": "T", "level": "easy", "prompt": "?", "doc": "What.",
                   "hints": ("a", "b"), "explanation": "Yes.", "reference": reference, "inputs": inputs,
                   "mistakes": (Mistake("swapped", lambda r, f: d_loss(-r, -f), "swapped"),), **fields})


def safe(x):
    return torch.log(torch.sigmoid(x))


@pytest.mark.parametrize("answer, outcome, says", [
    (d_loss, "pass", "Yes."),
    (lambda r, f: torch.nn.functional.softplus(f).mean() - torch.nn.functional.logsigmoid(r).mean(), "pass", "Yes."),
    (lambda r, f: ..., "todo", "Not attempted"),
    (lambda r, f: None, "fail", "`return` missing"),
    (lambda r, f: d_loss(r, f).item(), "fail", "must return a tensor"),
    (lambda r, f: float(d_loss(r, f).detach()), "fail", "must return a tensor"),
    (lambda r, f: softplus(-r).mean() + softplus(f), "fail", "is the mean missing"),
    (lambda r, f: (d_loss(r, f), 1), "fail", "2 values, it should return one value"),
    (lambda r, f: softplus(-r).sum() + softplus(f).sum(), "fail", "expected"),
    (lambda r, f: d_loss(r, f.detach()), "fail", "gradient by fake_logits: there is none"),
    (lambda r, f: d_loss(r, f).detach(), "fail", "there is none"),
    (lambda r, f: torch.tensor(d_loss(r, f).item(), dtype=r.dtype), "fail", "there is none"),
    (lambda r, f: -safe(r).mean() - torch.log(1 - torch.sigmoid(f)).mean(), "fail", "±300"),
    (lambda r, f: d_loss(-r, -f), "fail", "swapped"),
    (lambda r: d_loss(r, r), "error", "I call it as `d_loss(real_logits, fake_logits)`"),
    (lambda r, f: 1 / 0, "error", "ZeroDivisionError"),
    (lambda r, f: r @ f, "error", "RuntimeError"),
    (d_loss(torch.ones(2), torch.ones(2)), "fail", "the function itself"),
    (torch.nn.Linear(1, 1), "fail", "the function itself"),
    (torch.ones, "error", "TypeError"),
])
def test_verdicts(answer, outcome, says):
    verdict = exercise().grade(answer)
    assert verdict.outcome == outcome and says in verdict.message, verdict


def test_a_loop_without_end_is_stopped():
    def stuck(real_logits, fake_logits):
        while True:
            try:
                time.sleep(0.01)
            except Exception:  # does not help it
                pass

    begin = time.perf_counter()
    verdict = exercise(seconds=0.3).grade(stuck)
    assert verdict.outcome == "error" and "never ends" in verdict.message
    assert time.perf_counter() - begin < 2


def test_endless_recursion_is_an_error():
    def deep(r, f):
        return deep(r, f)

    assert "RecursionError" in exercise().grade(deep).message


def test_the_line_that_raised_is_named():
    def broken(real_logits, fake_logits):
        total = real_logits.mean()
        return total + nowhere  # noqa: F821

    assert "in the line `return total + nowhere" in exercise().grade(broken).message


def test_what_the_answer_does_to_its_arguments_harms_nobody():
    def vandal(real_logits, fake_logits):
        value = d_loss(real_logits.detach().clone().requires_grad_(), fake_logits)
        with torch.no_grad():
            real_logits.zero_()
        return value

    question = exercise()
    assert question.grade(vandal).outcome == "fail"
    assert question.grade(d_loss).outcome == "pass"


def test_no_grad_around_the_check_changes_nothing():
    with torch.no_grad():
        assert exercise().grade(d_loss).outcome == "pass"
        assert exercise().grade(lambda r, f: d_loss(r, f.detach())).outcome == "fail"


def test_the_random_numbers_of_the_reader_are_left_alone():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    exercise().grade(lambda r, f: torch.rand(()).double() + r.mean() + f.mean())
    assert torch.equal(torch.rand(3), expected)


def slope_penalty(critic, x):
    x = x.detach().requires_grad_()
    (slope,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    return slope.square().sum(1).mean()


def critics(seed):
    torch.manual_seed(seed)
    return [Case("a random critic", (MLP(2, 8, 1, activation="tanh").double(), torch.randn(6, 2).double()))]


@pytest.mark.parametrize("answer, says", [
    (slope_penalty, "Yes."),
    (lambda c, x: slope_penalty(c, x).detach(), "the critic's layers.0.weight: there is none"),
    (lambda c, x: torch.autograd.grad(c(y := x.requires_grad_()).sum(), y)[0].square().sum(1).mean(), "there is none")])
def test_second_derivatives_are_checked(answer, says):
    assert says in exercise(slope_penalty, critics).grade(answer).message


def move(network, step):
    with torch.no_grad():
        for p in network.parameters():
            p.add_(step)


def test_what_is_done_in_place_can_be_observed():
    def networks(seed):
        torch.manual_seed(seed)
        return [Case("a network", (MLP(2, 3, 1).double(), 0.5))]

    question = exercise(move, networks,
                        observe=lambda arguments, returned: [p.detach().clone() for p in arguments[0].parameters()])
    assert question.grade(move).outcome == "pass"
    assert question.grade(lambda network, step: move(network, -step)).outcome == "fail"
    assert question.grade(lambda network, step: None).outcome == "fail"


def mixed(x):
    return {"mean": float(x.mean()), "array": x.detach().numpy() * 2, "word": "real"}


def test_numbers_arrays_and_words_are_compared_too():
    question = exercise(mixed, fake_logit_cases)
    assert question.grade(mixed).outcome == "pass"
    for key, value in (("mean", 0.0), ("mean", None), ("array", np.zeros(3)), ("word", "fake"), ("word", 1)):
        assert question.grade(lambda x, k=key, v=value: {**mixed(x), k: v}).outcome == "fail"


def test_a_mistake_is_recognised_by_what_it_does_gradients_included():
    question = exercise(mistakes=(Mistake("detached", lambda r, f: d_loss(r, f.detach()), "detached!"),))
    assert question.grade(lambda r, f: softplus(-r).mean() + softplus(f).mean().detach()).mistake == "detached"
    assert question.grade(lambda r, f: d_loss(r.detach(), f)).mistake == ""


def test_the_reference_must_have_the_name_of_the_exercise():
    with pytest.raises(ValueError, match="must be a function named other"):
        exercise(id="other")


def test_bad_levels_and_names_are_refused():
    with pytest.raises(ValueError, match="level must be 'easy' or 'medium' or 'hard'"):
        exercise(level="trivial")
    with pytest.raises(ValueError, match="letters, digits and underscores"):
        exercise(id="d loss")


def test_of_a_large_tensor_the_worst_entry_is_named_and_of_several_values_which():
    def table(n):
        return torch.arange(6.0).reshape(2, 3)
    exercise = Code(id="table", title="T", level="easy", prompt="?", hints=("a", "b"), explanation="!", doc="T.",
                    reference=table, inputs=lambda seed: [Case("n", (1,))], mistakes=())
    said = exercise.grade(lambda n: torch.tensor([[0.0, 1, 2], [3, 4, 50]])).message
    assert "50 in entry [1, 2], expected 5" in said

    def pair(n):
        return 1.0, 2.0
    exercise = Code(id="pair", title="T", level="easy", prompt="?", hints=("a", "b"), explanation="!", doc="T.",
                    reference=pair, inputs=lambda seed: [Case("n", (1,))], mistakes=())
    assert "(value 2 of 2)" in exercise.grade(lambda n: (1.0, 3.0)).message
