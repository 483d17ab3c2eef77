"""Chapter 18, a modern baseline."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code, logits
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number


def _stream(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _normal(stream: torch.Generator, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=stream, dtype=torch.float64)


lost_digits = Number(
    id="lost_digits", title="Digits that are never drawn", level="easy",
    prompt="A generator of Stacked MNIST draws its three channels independently. Each of the first two never shows $a$ of "
           "the ten digits, the third never shows $b$. How many of the 1000 modes can it make?",
    hints=("A mode is a triple of digits.", "How many choices has each channel left?"),
    reference="(10 - a)^2*(10 - b)", draw={"a": (1, 2, 3), "b": (4, 5, 6)},
    mistakes=(
        Mistake("subtracted apart", "1000 - 100*(2*a + b)", "You took off 100 modes for each digit, and so some modes "
                "more than once: those that lack a digit in two channels."),
        Mistake("lost triples", "1000 - a^2*b", "You took off only the triples in which *all three* digits are missing. "
                "One missing digit is enough."),
        Mistake("one mode each", "1000 - (2*a + b)", "A missing digit does not cost one mode. It stands in a hundred."),
        Mistake("two channels", "(10 - a)*(10 - b)*10", "You let one of the first two channels show all its digits."),
        Mistake("digits left", "30 - 2*a - b", "That is the number of digits left in the three channels together."),
    ),
    explanation="One digit lost in each channel leaves 729 modes. So a count of 700 may mean a small fault, three times.")

critical_weight = Formula(
    id="critical_weight", title="How much R2?", level="easy",
    prompt=r"In the Dirac-GAN with relativistic loss, R1 has the weight $g$, less than 1. Which weight of R2 makes the "
           "eigenvalues at the equilibrium equal, so that the game converges fastest?",
    hints=(r"The eigenvalues are $-\frac c2 \pm \sqrt{\frac{c^2}4 - \frac14}$ with $c = \gamma_1 + \gamma_2$.",
           "For which $c$ is the root 0?"),
    symbols={"g": (0.05, 0.95)}, reference="1 - g",
    mistakes=(
        Mistake("half", "1/2 - g", "You set the *mean* of the two weights to the critical value, or forgot that each "
                "penalty already contains its half."),
        Mistake("the same again", "g", "You took equal weights. Equal or not makes no difference here."),
        Mistake("square", "1 - g^2", "You added squares. The penalties' weights add up as they are."),
        Mistake("shared", "(1 - g)/2", "You shared what is missing between two penalties. R1 has its weight already."),
        Mistake("product", "1/g", "You made the *product* of the weights 1."),
    ),
    explanation="In this game the two penalties are the same thing. Away from it they are not.")


def cosine_at(start, end, share):
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def cosine_cases(seed: int) -> list[Case]:
    stream = _stream(seed)

    def case(what, share):
        a, b = (float(v) for v in torch.rand(2, generator=stream, dtype=torch.float64))
        return Case(what, (a + 0.5, b / 2, share))

    return [case("the first step", 0.0), case("a quarter of the run", 0.25), case("the middle", 0.5),
            case("late", 0.9), case("the end", 1.0)]


cosine_exercise = Code(
    id="cosine_at", title="Along half a cosine", level="easy",
    prompt="A setting is to go from `start` to `end` along half a cosine, flat at both ends. Return its value when `share` "
           "of the run, from 0 to 1, is done.",
    doc="The value, a number. start, end: numbers. share: from 0 to 1.",
    needs="import math", reference=cosine_at, inputs=cosine_cases,
    hints=(r"$\cos \pi s$ goes from 1 to $-1$ while $s$ goes from 0 to 1.",
           r"$\frac{1 + \cos \pi s}2$ goes from 1 to 0. What is it to multiply?"),
    mistakes=(
        Mistake("straight", lambda start, end, share: start + (end - start) * share, "That is a straight line. It agrees "
                "with the cosine at the ends and in the middle only."),
        Mistake("the wrong way", lambda start, end, share: start + (end - start) * (1 + math.cos(math.pi * share)) / 2,
                "Yours goes from `end` to `start`."),
        Mistake("quarter", lambda start, end, share: end + (start - end) * math.cos(math.pi / 2 * share), "You took a "
                "quarter of the wave. It is not flat at the end."),
        Mistake("half forgotten", lambda start, end, share: end + (start - end) * (1 + math.cos(math.pi * share)),
                "You left out the half: yours begins beyond `start`."),
        Mistake("full wave", lambda start, end, share: end + (start - end) * (1 + math.cos(2 * math.pi * share)) / 2,
                "You took the whole wave: yours is back at `start` when the run ends."),
    ),
    explanation="`training.cosine(start, end)` is this, and stands for a number in `lr`, `betas`, `penalty_weight` and "
                "`ema_decay`.")

half_life = Formula(
    id="half_life", title="A half-life in pictures", level="easy",
    prompt=r"An average of the generator's weights, $\bar w \leftarrow d\,\bar w + (1 - d)\,w$ at each step, is to forget "
           "half of what it holds while $H$ pictures are shown, in batches of $B$. What is $d$?",
    hints=("How many steps does it take to show $H$ pictures?", "After $n$ steps, $d^n$ of the old content is left."),
    symbols={"B": (16.0, 128.0), "H": (500.0, 5000.0)}, reference="(1/2)^(B/H)",
    mistakes=(
        Mistake("straight", "1 - B/H", "You let it lose the share $B/H$ at each step. After $H/B$ steps about $1/e$ is "
                "left then."),
        Mistake("upside down", "(1/2)^(H/B)", "You have the number of steps in the exponent, where its inverse belongs: "
                "yours forgets nearly all at one step."),
        Mistake("e for 2", "exp(-B/H)", "That leaves $1/e$ after $H$ pictures."),
        Mistake("one by one", "(1/2)^(1/H)", "That is the decay for batches of one picture."),
        Mistake("of the new", "1 - (1/2)^(B/H)", "That is $1 - d$, the weight of the new."),
    ),
    explanation="R3GAN's authors let the half-life grow from 0: at the start an average has nothing to remember.")

sampler_modes = Formula(
    id="sampler_modes", title="Modes of a perfect sampler", level="medium",
    prompt="A perfect sampler draws each of $K$ modes with the same probability. How many different modes do $N$ of its "
           "samples show, in the mean?",
    hints=("What is the probability that one particular mode is missed by one sample? By all?",
           "The mean of a number of modes is a sum of probabilities, even if they depend on each other."),
    symbols={"K": (5.0, 50.0), "N": (3.0, 60.0)}, reference="K*(1 - (1 - 1/K)^N)",
    mistakes=(
        Mistake("missed", "K*(1 - 1/K)^N", "That is how many modes are *missed*."),
        Mistake("limit", "K*(1 - exp(-N/K))", "That is the limit for many modes. Exactly, please."),
        Mistake("no repeats", "N*(1 - 1/K)", "You counted samples that differ from one other. There are many others."),
        Mistake("share", "1 - (1 - 1/K)^N", "That is the probability that one mode is seen. There are $K$ of them."),
        Mistake("exponent", "K*(1 - (1/K)^N)", "You took $1/K$, the probability of a mode, for that of missing it."),
    ),
    explanation="For 1000 modes and 25,600 samples nothing is missing to the ninth digit: a count below 1000 is a fault of "
                "the generator, or of the judge.")

weight_of_slope = Formula(
    id="weight_of_slope", title="The weight that gives a slope", level="medium",
    prompt=r"Data at 0, samples at 1, $l(x) = ax + bx^2$, relativistic loss with R1 and R2 of the same weight $\gamma$. The "
           r"best discriminator is straight, with the slope $-s$, $s > 0$. Which $\gamma$ belongs to $s$?",
    hints=(r"With $b = 0$, $L_D = \operatorname{softplus}(a) + \gamma a^2$.",
           r"Set the derivative by $a$ to 0 at $a = -s$."),
    symbols={"s": (0.05, 2.0)}, reference="1/(2*s*(1 + exp(s)))",
    mistakes=(
        Mistake("one penalty", "1/(s*(1 + exp(s)))", r"You counted one penalty of $\frac\gamma2 a^2$. There are two."),
        Mistake("sign", "1/(2*s*(1 + exp(-s)))", r"You took $\sigma(s)$, but the slope is negative: the derivative of "
                r"$\operatorname{softplus}(a)$ at $a = -s$ is smaller than a half."),
        Mistake("at the start", "1/(4*s)", r"You set $\sigma$ to a half, which is right for small slopes only."),
        Mistake("negative", "-1/(2*s*(1 + exp(s)))", "A weight cannot be negative. Mind the sign of the slope."),
        Mistake("half missing", "1/(4*s*(1 + exp(s)))", r"The derivative of $\gamma a^2$ is $2\gamma a$."),
    ),
    explanation=r"For $\gamma = 1$ it is $s = 0.2223$. Without R2 there is no best slope at all.")

decrease = Formula(
    id="decrease", title="Two brakes", level="medium",
    prompt=r"In R3GAN's Dirac-GAN $\dot\theta = \psi\,\sigma(-\psi\theta)$ and "
           r"$\dot\psi = -\theta\,\sigma(\psi\theta) - c\psi$. What is $\frac{d}{dt}(\theta^2 + \psi^2)$?",
    hints=(r"$\frac{d}{dt}\theta^2 = 2\theta\dot\theta$.",
           r"$\sigma(-t) - \sigma(t) = 1 - 2\sigma(t) = -\tanh\frac t2$."),
    symbols={"theta": (-2.0, 2.0), "psi": (-2.0, 2.0), "c": (0.1, 2.0)},
    reference="-2*theta*psi*tanh(theta*psi/2) - 2*c*psi^2",
    mistakes=(
        Mistake("half of it", "-theta*psi*tanh(theta*psi/2) - c*psi^2", r"That is the derivative of "
                r"$\frac12(\theta^2 + \psi^2)$."),
        Mistake("zero-sum", "-2*c*psi^2", "That belongs to the game in which both players play for the same sum. This "
                "generator has a loss of its own."),
        Mistake("no penalty", "-2*theta*psi*tanh(theta*psi/2)", "You lost the penalties' brake."),
        Mistake("sign", "2*theta*psi*tanh(theta*psi/2) - 2*c*psi^2", "The first term has the wrong sign: it would drive "
                "the players apart."),
        Mistake("brake on both", "-2*theta*psi*tanh(theta*psi/2) - 2*c*(theta^2 + psi^2)", "You let the penalties brake "
                "the generator too. They act on the discriminator only."),
    ),
    explanation="The first term is the loss's own brake, of the fourth order: near the equilibrium it is next to nothing.")


def paired_losses(real_logits, fake_logits):
    gap = real_logits - fake_logits
    return F.softplus(-gap).mean(), F.softplus(gap).mean()


def paired_cases(seed: int) -> list[Case]:
    ends = torch.tensor([[-500.0], [500.0], [5.0]], dtype=torch.float64)
    return [Case("random logits", (logits(40, 2 * seed), logits(40, 2 * seed + 1, 1.5))),
            Case("five pairs", (logits(5, 2 * seed + 100), logits(5, 2 * seed + 101))),
            Case("logits of ±500", (ends.clone().requires_grad_(), (-ends).requires_grad_()))]


def _paired(discriminator, generator):
    return lambda r, f: (discriminator(r, f), generator(r, f))


def _right_d(r, f):
    return F.softplus(f - r).mean()


def _right_g(r, f):
    return F.softplus(r - f).mean()


paired_exercise = Code(
    id="paired_losses", title="Both relativistic losses", level="medium",
    prompt="Row $i$ of `real_logits` and row $i$ of `fake_logits` are a pair. Write the relativistic (RpGAN) losses of the "
           "discriminator and of the generator, without penalties. Logits of $\\pm500$ must not overflow.",
    doc="Loss of the discriminator, loss of the generator, each a tensor with one number. real_logits, fake_logits: "
        "(n, 1).",
    needs="import torch\nimport torch.nn.functional as F", reference=paired_losses, inputs=paired_cases,
    hints=("The discriminator wants the real logit of each pair to be the larger one.",
           r"$-\log \sigma(t) = \operatorname{softplus}(-t)$, with $t$ the difference of a pair.",
           "The generator wants the opposite order."),
    mistakes=(
        Mistake("the usual losses", _paired(lambda r, f: F.softplus(-r).mean() + F.softplus(f).mean(),
                                            lambda r, f: F.softplus(-f).mean()),
                "These are the non-saturating losses: each logit is judged by itself."),
        Mistake("exchanged", _paired(_right_g, _right_d), "You gave each player the other's loss."),
        Mistake("one sum for both", _paired(_right_d, lambda r, f: -_right_d(r, f)), "Your generator maximises the "
                "discriminator's loss. That is the zero-sum game, whose push fades when the discriminator wins."),
        Mistake("against the mean", _paired(lambda r, f: F.softplus(f.mean() - r).mean(),
                                            lambda r, f: F.softplus(r.mean() - f).mean()),
                "You compared with the *mean* logit of the other batch, as in the relativistic *average* GAN."),
        Mistake("mean inside", _paired(lambda r, f: F.softplus((f - r).mean()), lambda r, f: F.softplus((r - f).mean())),
                "You took the mean before the loss. A few large differences then hide all others."),
        Mistake("log of a sigmoid", _paired(lambda r, f: -torch.log(torch.sigmoid(r - f)).mean(),
                                            lambda r, f: -torch.log(torch.sigmoid(f - r)).mean()),
                "Right on paper. But a sigmoid that rounds to 0 has no logarithm: use `softplus`."),
    ),
    explanation="Adding a constant to all logits changes neither of them.")


class _Critic(nn.Module):
    """Pictures (n, 1, h, w) → one logit each, (n, 1), in double precision."""

    def __init__(self, pixels: int):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(pixels, 6), nn.Tanh(), nn.Linear(6, 1)).double()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


def critic_cases(seed: int) -> list[Case]:
    stream, cases = _stream(seed), []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for what, shape, gamma in (("pictures, weight 1", (6, 1, 3, 3), 1.0), ("points, weight 0.3", (9, 2), 0.3),
                                   ("one pair", (1, 1, 2, 2), 2.0)):
            fake = (_normal(stream, *shape) + 1).requires_grad_()  # as it comes from a generator
            cases.append(Case(what, (_Critic(math.prod(shape[1:])), _normal(stream, *shape), fake, gamma)))
    return cases


def modern_loss(critic, real, fake, gamma):
    loss = F.softplus(critic(fake.detach()) - critic(real)).mean()
    for x in (real, fake):
        x = x.detach().requires_grad_()
        slope, = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
        loss = loss + gamma / 2 * slope.flatten(1).square().sum(1).mean()
    return loss


def _modern(where=lambda r, f: (r, f), half=0.5, graph=True, size=lambda g: g.flatten(1).square().sum(1).mean(),
            score=torch.sum, cut=torch.detach, pair=lambda r, f: F.softplus(f - r).mean()):
    def loss(critic, real, fake, gamma):
        value = pair(critic(real), critic(cut(fake)))
        for x in where(real, fake):
            x = x.detach().requires_grad_()
            slope, = torch.autograd.grad(score(critic(x)), x, create_graph=graph)
            value = value + gamma * half * size(slope)
        return value

    return loss


def _watched(arguments, loss):
    """The loss and its gradients: by the critic's weights, and by the fake samples, which should get none."""
    critic, _, fake, _ = arguments
    wanted = [*critic.parameters(), fake]
    slopes = torch.autograd.grad(loss, wanted, allow_unused=True, retain_graph=True)
    return {"the loss": loss} | {
        f"the gradient by the {'fake samples' if p is fake else 'critic'}": torch.zeros_like(p) if g is None else g
        for p, g in zip(wanted[-2:], slopes[-2:], strict=True)}


modern_loss_exercise = Code(
    id="modern_loss", title="The discriminator's whole loss", level="hard",
    prompt=r"Write R3GAN's loss of the discriminator: the relativistic loss on pairs, plus "
           r"$\frac\gamma2\,\mathbb{E}\lVert\nabla l\rVert^2$ on real samples and the same on generated ones. `fake` comes "
           "straight from a generator, which must not be trained by this loss; the critic must be, by all three terms. "
           "Samples may have any shape $(n, \\dots)$.",
    doc="The loss, a tensor with one number. critic: samples (n, …) to logits (n, 1). real, fake: (n, …). gamma: a number.",
    needs="import torch\nimport torch.nn.functional as F", reference=modern_loss, inputs=critic_cases,
    hints=("Detach `fake` first, and everything else is about constants.",
           "`torch.autograd.grad(critic(x).sum(), x, create_graph=True)` gives one gradient a sample, from which the "
           "critic can learn.", "Square, sum over all entries of a sample, then take the mean over samples."),
    mistakes=(
        Mistake("R1 only", _modern(where=lambda r, f: (r,)), "The penalty on generated samples is missing."),
        Mistake("R2 only", _modern(where=lambda r, f: (f,)), "The penalty on real samples is missing."),
        Mistake("in between", _modern(where=lambda r, f: ((r + f) / 2,), half=1.0), "You charged the slope half-way "
                "between a real and a generated sample, as other penalties do. R1 and R2 look at the samples themselves."),
        Mistake("without the half", _modern(half=1.0), r"The penalties are $\frac\gamma2$ times the mean squared slope."),
        Mistake("create_graph forgotten", _modern(graph=False), "The value is right, and the critic learns nothing from "
                "the penalties: without `create_graph=True` the slopes are plain numbers."),
        Mistake("not squared", _modern(size=lambda g: g.flatten(1).norm(dim=1).mean()), "You took the length of the "
                "slope, not its square."),
        Mistake("mean over pixels", _modern(size=lambda g: g.square().mean()), "You took the mean over the pixels of a "
                "sample too. The squared slope is a *sum* over them."),
        Mistake("sum over samples", _modern(size=lambda g: g.square().sum()), "You added up the samples of the batch. It is "
                "a mean."),
        Mistake("mean of the logits", _modern(score=torch.mean), "You differentiated the *mean* of the logits, so each "
                "slope is divided by the size of the batch."),
        Mistake("the usual loss", _modern(pair=lambda r, f: F.softplus(-r).mean() + F.softplus(f).mean()),
                "The penalties are right. The loss itself should compare the two logits of a pair."),
        Mistake("not detached", _modern(cut=lambda x: x), "The value is right, but this loss trains the generator too: "
                "detach `fake`."),
    ),
    observe=_watched,
    explanation="No running statistics, no interpolation, no target slope: two squares and a softplus.")


def modes_and_kl(digits):
    _, counts = torch.unique(digits, dim=0, return_counts=True)
    share = counts / digits.shape[0]
    return torch.tensor(len(counts)), (share * (1000 * share).log()).sum()


def digit_cases(seed: int) -> list[Case]:
    stream = _stream(seed)

    def drawn(rows, low, high):
        return torch.randint(low, high, (rows, 3), generator=stream)

    uneven = (10 * torch.rand(3000, 3, generator=stream, dtype=torch.float64) ** 2).long()
    return [Case("5,000 fair stacks", (drawn(5000, 0, 10),)), Case("digits from 2 to 6 only", (drawn(800, 2, 7),)),
            Case("uneven channels", (uneven,)), Case("a collapse", (torch.tensor([[3, 1, 4]]).repeat(50, 1),))]


def _counted(base=(100, 10, 1), kl=lambda share: torch.special.xlogy(share, 1000 * share).sum()):
    def answer(digits):
        counts = torch.bincount(digits @ torch.tensor(base), minlength=1000).float()
        return (counts > 0).sum(), kl(counts / counts.sum())

    return answer


def _by_channel(digits):
    counts = torch.stack([torch.bincount(c, minlength=10) for c in digits.T]).float()  # (3, 10)
    share = counts / counts.sum(1, keepdim=True)
    return (counts > 0).sum(1).prod(), torch.special.xlogy(share, 10 * share).sum()


modes_exercise = Code(
    id="modes_and_kl", title="Count the thousand", level="hard",
    prompt="A classifier has named the three digits of each of $n$ generated stacks. Return how many of the 1000 modes "
           r"occur at least once, and $\mathrm{KL}(\hat q \Vert u)$ in nats between the modes' shares and equal shares "
           "$u = 1/1000$.",
    doc="Number of modes and KL, each a tensor with one number. digits: whole numbers from 0 to 9, (n, 3).",
    needs="import torch", reference=modes_and_kl, inputs=digit_cases,
    hints=("`torch.unique(digits, dim=0, return_counts=True)` gives the triples that occur, and how often each does.",
           r"$\mathrm{KL}(\hat q\Vert u) = \sum \hat q\log(1000\,\hat q)$. Triples that do not occur add 0."),
    mistakes=(
        Mistake("digits added", _counted(base=(1, 1, 1)), "You added the three digits up: 1 + 2 + 3 and 3 + 2 + 1 are "
                "then one mode."),
        Mistake("covered modes only", _counted(
                    kl=lambda s: torch.special.xlogy(s, (s > 0).sum() * s).sum()), "You compared with equal shares of the *covered* modes. "
                "A generator with one mode would get a KL of 0."),
        Mistake("channel by channel", _by_channel, "You counted each channel by itself. A generator whose channels always "
                "show the same digit would get all 1000 modes so."),
        Mistake("the other KL", _counted(kl=lambda s: -(1000 * s.clamp_min(1e-12)).log().mean()),
                r"You have $\mathrm{KL}(u\Vert\hat q)$, which is infinite as soon as one mode is missing."),
        Mistake("log of zero", _counted(kl=lambda s: (s * (1000 * s).log()).sum()), "Right if no mode is missing. "
                r"$0\log0$ is nan for a computer: leave these modes out, or use `xlogy`."),
        Mistake("in bits", _counted(kl=lambda s: torch.special.xlogy(s, 1000 * s).sum() / math.log(2)), "The KL is in "
                "bits. Nats, please."),
        Mistake("entropy", _counted(kl=lambda s: -torch.special.xlogy(s, s).sum()), r"That is the entropy of the "
                r"shares. The KL is $\log 1000$ minus it."),
    ),
    explanation="With 25,600 samples a perfect sampler has a KL of about 999/51,200 = 0.0195, not 0.")

read_logits = Choice(
    id="read_logits", title="What a logit says", level="easy", concept=True,
    prompt="A discriminator trained with the relativistic loss gives real samples logits near 7 and generated ones logits "
           "near 6.5. What follows?",
    hints=("What happens to the loss if 6 is subtracted from all logits?",),
    options=(
        Option("it takes generated samples for real, with a probability above 0.99", False, "That reads a single logit as "
               "log odds. This loss never looks at one logit: 7 and 6.5 are as good to it as 0.25 and $-0.25$."),
        Option("it puts pairs in the right order with a small lead", True, "Only the difference of 0.5 means anything: "
               r"$\sigma(0.5) = 0.62$."),
        Option("the logits have run away, and the training is about to fail", False, "A level is not a slope. The level "
               "is free, and no loss and no penalty sees it."),
        Option("the penalties are too weak", False, "They act on slopes. A constant has none."),
    ),
    explanation="Accuracy here is the share of pairs in the right order.")

dirac_silent = Choice(
    id="dirac_silent", title="What the Dirac-GAN can tell", level="medium", concept=True,
    prompt="What does the Dirac-GAN show about the relativistic loss? (All that are right.)",
    hints=(r"What is $l(0)$ for $l(x) = \psi x$?",),
    options=(
        Option("that it converges faster than the non-saturating loss", False, "With a single data point at 0 and "
               r"$l(0) = 0$ the two have the same field."),
        Option("nothing that the non-saturating loss does not show too", True, "The data's logit is 0, so a difference of "
               "logits is a logit."),
        Option("that with a penalty on either kind of sample it converges", True, r"The weights add up, $c = \gamma_1 + "
               r"\gamma_2 > 0$ is enough."),
        Option("that it has no traps", False, "A single sample cannot be in the trap of collapsing onto another."),
    ),
    explanation="A toy that cannot tell two methods apart is no argument for either.")

r1_only = Choice(
    id="r1_only", title="One penalty saved", level="medium", concept=True,
    prompt="Somebody leaves out R2 to save time, and argues that near the equilibrium only the sum of the weights counts. "
           "What is true? (All that are right.)",
    hints=("Where does training begin, and where are the generated samples then?",),
    options=(
        Option("R1 on twice the weight restrains both", False, "No weight on real samples reaches places where there are "
               "none."),
        Option("near the equilibrium the argument holds", True, "There real and generated samples have the same "
               "distribution, and so the two penalties the same mean."),
        Option("far from it nothing restrains the slope on generated samples", True, "In the example of the chapter it "
               "grows without end while the slope on the data dies out."),
        Option("R2 could only matter once training has converged", False, "It is the other way round."),
    ),
    explanation="Whether it hurts in a given run has to be measured.")

pairing = Choice(
    id="pairing", title="Pairs, and which", level="hard", concept=True,
    prompt="In the game of two points the relativistic loss with *fixed* pairs has no barrier on the way out of a "
           "collapse, and with pairs drawn anew at each step it has one. Why?",
    hints=("With whom is the sample that leaves $A$ compared, in either case?",
           "What does a tie at $A$ cost the discriminator?"),
    options=(
        Option("pairs drawn anew make the gradient noisier", False, "The values in the table are means. There is no noise "
               "in them."),
        Option("as it leaves $A$, it gives up a tie with the real sample at $A$", True, "A tie is a pair in which the "
               "discriminator can only guess, and the generator likes ties. With fixed pairs the traveller belonged to "
               "$B$ and had no tie to lose."),
        Option("the fixed pairs tell the generator where to go", False, "The discriminator is free and flat nearly "
               "everywhere. There is no barrier; there is no slope to follow either."),
        Option("the discriminator is stronger if the pairs change", False, "It is the same discriminator, with any value "
               "at any place."),
    ),
    explanation="A theorem about a loss holds for the loss that it is about.")

compare = Choice(
    id="compare", title="327 and 1000", level="medium", concept=True,
    prompt="One paper reports 327 modes of Stacked MNIST, another 1000. What has to be checked before the second is called "
           "better? (All that are right.)",
    hints=("What did Metz et al. do to make collapse visible?",),
    options=(
        Option("the size of the discriminator", True, "With a quarter of the generator's width 327 was a success; with "
               "wide networks several methods have reported 1000."),
        Option("how many samples were counted", True, "A rare mode is found in 26,000 samples and missed in 2,500."),
        Option("the number of seeds and the spread", True, "Published spreads reach two thirds of the count (30.6 ± 20.7)."),
        Option("what the pictures look like", True, "A classifier of digits names whatever it is shown: smooth noise that "
               "no one trained shows 800 modes."),
        Option("whether both used the same FID", False, "FID is no part of this test."),
    ),
    explanation="The name of the data set is not a protocol.")

no_norm = Choice(
    id="no_norm", title="No normalisation", level="medium", concept=True,
    prompt="Why has R3GAN's discriminator no batch norm?",
    hints=("Whose slope does R1 charge?",),
    options=(
        Option("it would make the logits of a batch too small", False, "A layer after it may scale as it likes."),
        Option("the logit of one sample would depend on the others, and its slope too", True, "R1 and R2 charge the slope "
               "of each sample's logit by its own pixels. With statistics of the batch that is no longer what is computed."),
        Option("residual blocks cannot be normalised", False, "Most in use are."),
        Option("batch norm has no gradient of second order", False, "It has one, like the other layers."),
    ),
    explanation="What batch norm did for the start is done by the start itself: each block begins as the identity.")

CHAPTER = Chapter(
    "18", "A modern baseline",
    [lost_digits, critical_weight, cosine_exercise, half_life, sampler_modes, weight_of_slope, decrease, paired_exercise,
     modern_loss_exercise, modes_exercise, read_logits, dirac_silent, r1_only, pairing, compare, no_norm],
    gate={"first steps": (3, ("lost_digits", "critical_weight", "cosine_at", "half_life")),
          "derivation": (2, ("sampler_modes", "weight_of_slope", "decrease")),
          "code": (2, ("paired_losses", "modern_loss", "modes_and_kl")),
          "concepts": (4, ("read_logits", "dirac_silent", "r1_only", "pairing", "compare", "no_norm"))})
