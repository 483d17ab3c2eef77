"""Chapter 1, two players."""

import torch
from torch.nn.functional import softplus

from ganlib.networks import MLP
from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code, logits
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number

constant_critic = Number(
    id="constant_critic", title="A detective with one answer", level="easy",
    prompt=r"A discriminator says $D = c$ of every sample, real or generated. What is the value of the game, "
           r"$V(D, G) = \mathbb{E}_{p_{\text{data}}}\log D(x) + \mathbb{E}_{p_z}\log(1 - D(G(z)))$, in nats?",
    hints=(r"Neither average has anything to average over: what stands under it is the same for every sample.",
           r"On a real sample $D$ gets $\log c$. What does it get on a generated one?"),
    reference="log(c) + log(1 - c)", draw={"c": (0.1, 0.15, 0.3, 0.35, 0.7, 0.75, 0.85, 0.9)},
    mistakes=(
        Mistake("real term twice", "2*log(c)", r"You used $\log D$ for both kinds. A generated sample counts "
                r"$\log(1 - D)$: there $D$ is rewarded for being sure that it is *not* real."),
        Mistake("real term only", "log(c)", r"That is the term of the real samples. The generated ones bring another, "
                r"$\log(1 - D)$."),
        Mistake("the loss", "-log(c) - log(1 - c)", r"That is the discriminator's *loss*, $-V$. The value is never above "
                "0, because logarithms of probabilities are not."),
        Mistake("averaged", "(log(c) + log(1 - c))/2", r"You averaged over real and generated samples together. $V$ is the "
                "*sum* of two averages, one over each kind."),
        Mistake("bits", "(log(c) + log(1 - c))/log(2)", "That is the value in bits, from logarithms to base 2. This book "
                "takes natural logarithms."),
        Mistake("difference", "log(c) - log(1 - c)", r"That is the logit of $c$. In $V$ the two terms have a plus between "
                r"them; the minus is inside the second logarithm."),
        Mistake("the equilibrium", "-log(4)", r"That is what $D = \tfrac12$ would get. This discriminator says something "
                "else, and pays for it."),
    ),
    explanation=r"$V = \log\bigl(c\,(1 - c)\bigr)$, whatever $G$ does. It is largest at $c = \tfrac12$, where it is $-\log 4$: if $D$ "
                r"must give one answer to all, $\tfrac12$ is the best.")


def probabilities(rows: int, seed: int) -> torch.Tensor:
    """What a discriminator might say of that many samples, (rows, 1), with a gradient."""
    return torch.sigmoid(logits(rows, seed, 1.5)).detach().requires_grad_()


def value_cases(seed: int) -> list[Case]:
    return [Case("32 samples of each kind", (probabilities(32, 4 * seed), probabilities(32, 4 * seed + 1))),
            Case("5 real and 20 generated samples", (probabilities(5, 4 * seed + 2), probabilities(20, 4 * seed + 3)))]


def value(d_real, d_fake):
    return torch.log(d_real).mean() + torch.log(1 - d_fake).mean()


value_exercise = Code(
    id="value", title="The value in code", level="easy",
    prompt=r"`d_real` holds what the discriminator says of a batch of real samples, `d_fake` what it says of a batch of "
           r"generated ones: probabilities $D(x)$ and $D(G(z))$, not logits. Write a function that returns the value of the "
           r"game, $V(D, G)$, with averages over the batches.",
    doc="V(D, G) from the probabilities D(x), shape (n, 1), and D(G(z)), shape (m, 1): a tensor with one number.",
    needs="import torch", reference=value, inputs=value_cases,
    hints=(r"Each expectation becomes a `.mean()`, over its own batch.",
           r"The real ones give $\log D$, the generated ones $\log(1 - D)$. Add the two means; no sign, no factor."),
    mistakes=(
        Mistake("taken for logits", lambda r, f: -softplus(-r).mean() - softplus(f).mean(), r"You treated the numbers as logits. These are "
                "probabilities already: take their logarithms as they are."),
        Mistake("sum", lambda r, f: torch.log(r).sum() + torch.log(1 - f).sum(), r"You summed over the samples. An "
                "expectation is an average; a sum grows with the batch."),
        Mistake("the loss", lambda r, f: -torch.log(r).mean() - torch.log(1 - f).mean(), r"That is $-V$, which "
                r"$D$ *minimises*. The question is $V$ itself."),
        Mistake("log D of generated", lambda r, f: torch.log(r).mean() + torch.log(f).mean(), r"You took $\log D$ of the "
                r"generated samples. Then $D$ would gain by calling everything real."),
        Mistake("kinds swapped", lambda r, f: torch.log(f).mean() + torch.log(1 - r).mean(), r"The two batches are swapped: "
                r"your $D$ is rewarded for calling the generated samples real."),
        Mistake("one average", lambda r, f: torch.cat([torch.log(r), torch.log(1 - f)]).mean(), r"You averaged over one "
                r"batch of both kinds. $V$ adds an average over the real to an average over the generated samples: "
                "the larger batch must not weigh more."),
        Mistake("logarithm of the mean", lambda r, f: torch.log(r.mean()) + torch.log(1 - f.mean()), r"You averaged "
                r"the probabilities and took the logarithm afterwards. $\mathbb{E}\log D$ has the logarithm inside, where "
                "one sure mistake costs more than many lukewarm ones."),
    ),
    explanation=r"Good for understanding. For training, use logits: $\log D = -\operatorname{softplus}(-\ell)$ and "
                r"$\log(1 - D) = -\operatorname{softplus}(\ell)$, which no rounding turns into $\log 0$.")

from_cross_entropy = Number(
    id="from_cross_entropy", title="From another library", level="easy",
    prompt=r"A colleague trains a discriminator on batches of which half is real (label 1) and half generated (label 0). "
           r"Her library reports the binary cross-entropy, averaged over the whole batch: $h$ nats. What is $V(D, G)$ on "
           "that batch?",
    hints=(r"The cross-entropy of $2n$ samples is $-\frac{1}{2n}$ times the sum of all log-probabilities given to the right "
           r"labels. What is $V$, written with that sum?",
           r"Each of the two averages in $V$ divides by $n$, the cross-entropy by $2n$; and its sign is the other."),
    reference="-2*h", draw={"h": (0.15, 0.22, 0.28, 0.4, 0.5, 0.54, 0.62)},
    mistakes=(
        Mistake("sign", "2*h", r"The factor is right. But a cross-entropy is a *negative* mean log-probability, and $V$ is a "
                "sum of logarithms of probabilities, so it cannot be positive."),
        Mistake("factor", "-h", r"The sign is right. But $h$ divides by the size of the whole batch, while each of the "
                r"two averages in $V$ divides by the size of its half."),
        Mistake("the same", "h", r"The two are not the same number. They differ by a sign, because one is to be minimised and the "
                "other maximised, and by a factor, because of what they divide by."),
        Mistake("halved", "-h/2", r"The factor is there, but the wrong way round: it is the cross-entropy that is half of "
                r"something."),
        Mistake("likelihood", "exp(-h)", r"That is the geometric mean of the probabilities that $D$ gave to the right "
                r"labels. $V$ is made of their logarithms: no exponential."),
        Mistake("above guessing", "log(4) - 2*h", r"That is by how much $D$ beats $D = \tfrac12$. The value itself is not "
                r"measured from there."),
    ),
    explanation=r"Cross-entropy $= -\tfrac12 V$ (Identity 1.3). So code that averages the two terms sits near "
                r"$\log 2 \approx 0.693$ where this book's loss sits near $\log 4 \approx 1.386$.")

confusion_value = Number(
    id="confusion_value", title="Two answers only", level="medium",
    prompt="A discriminator knows only two answers, $u$ (\"rather real\") and $1 - u$ (\"rather not\"). It was tried on "
           "many samples, and this is how often it gave which:\n\n"
           "| samples | says $u$ | says $1 - u$ |\n|---|---|---|\n"
           "| real | $a$ | $1 - a$ |\n| generated | $1 - b$ | $b$ |\n\n"
           "So it is right about the share $a$ of the real and the share $b$ of the generated samples. What is the value "
           "$V(D, G)$ on these samples, in nats?",
    hints=(r"Begin with the real samples: the share $a$ of them gets $\log u$, and the rest?",
           r"A generated sample of which it says $1 - u$ counts $\log(1 - (1 - u))$.",
           r"All right answers count $\log u$, all wrong ones $\log(1 - u)$. Add up the shares of both kinds."),
    reference="(a + b)*log(u) + (2 - a - b)*log(1 - u)",
    draw={"u": (0.7, 0.75, 0.8), "a": (0.94, 0.96), "b": (0.54, 0.56, 0.62, 0.64)},
    mistakes=(
        Mistake("right ones only", "(a + b)*log(u)", r"You counted the right answers only. The wrong ones cost more: "
                r"$\log(1 - u)$ each."),
        Mistake("accuracy", "(a + b)/2", r"That is how often $D$ is right, if both kinds are shown equally often. $V$ also asks how *sure* it was: $u$ must "
                "come in."),
        Mistake("real ones only", "a*log(u) + (1 - a)*log(1 - u)", "That is the term of the real samples. The generated "
                "ones bring another."),
        Mistake("log D of generated", "a*log(u) + (1 - a)*log(1 - u) + b*log(1 - u) + (1 - b)*log(u)",
                r"You took $\log D$ of the generated samples too. For them it is $\log(1 - D)$, so the answer $1 - u$ "
                r"counts $\log u$."),
        Mistake("averaged", "((a + b)*log(u) + (2 - a - b)*log(1 - u))/2", r"You averaged the two kinds. $V$ adds them: "
                "yours is the negative cross-entropy."),
        Mistake("logarithm of the mean", "log(a*u + (1 - a)*(1 - u)) + log((1 - b)*(1 - u) + b*u)", r"You averaged the "
                r"probabilities and took the logarithm afterwards. $V$ averages the logarithms."),
    ),
    explanation=r"Accuracy counts mistakes, $V$ charges for them: with $u = 0.99$ a wrong answer costs "
                r"$-\log 0.01 \approx 4.6$ nats. A $D$ that is right more often than not can do worse than $-\log 4$, "
                "if it is too sure.")

pushforward = Formula(
    id="pushforward", title="The density of what comes out", level="medium",
    prompt=r"The latent is exponential, $p_z(z) = e^{-z}$ for $z > 0$, and the generator squares it, $G(z) = z^2$. What is "
           r"the density $p_g(x)$ of its samples, for $x > 0$?",
    hints=(r"For an increasing $G$, $p_g(x) = p_z(z)/G'(z)$, where $z$ is the latent that is mapped to $x$.",
           r"Which $z$ is mapped to $x$? And what is $G'$ there? The answer must contain $x$ only.",
           r"$z = \sqrt x$ and $G'(z) = 2z$. Put both into $e^{-z}/G'(z)$."),
    symbols={"x": (0.1, 6.0)}, reference="exp(-sqrt(x))/(2*sqrt(x))",
    mistakes=(
        Mistake("not divided", "exp(-sqrt(x))", r"That is $p_z$ at the right latent, but $G$ also stretches the line. "
                r"Yours integrates to 2, not to 1."),
        Mistake("multiplied", "2*sqrt(x)*exp(-sqrt(x))", r"You multiplied by $G'$. Where $G$ stretches, the same samples "
                "are spread over more room: the density falls."),
        Mistake("density at x", "exp(-x)/(2*sqrt(x))", r"You took $p_z$ at $x$. It must be taken at the latent that "
                r"$G$ maps to $x$."),
        Mistake("slope at x", "exp(-sqrt(x))/(2*x)", r"You took $G'$ at $x$. Like $p_z$, it must be taken at the "
                r"latent that is mapped to $x$."),
        Mistake("wrong direction", "2*x*exp(-x**2)", r"That is the density of $\sqrt z$: you put $x^2$ in the place of "
                r"$z$, and from $x = z^2$ follows another $z$."),
        Mistake("factor", "exp(-sqrt(x))/sqrt(x)", r"Check the derivative of $z^2$. Yours integrates to 2, not to 1."),
    ),
    explanation=r"Where $G$ is flat, at $z = 0$, the samples pile up and the density grows without bound; its integral is 1 all "
                r"the same. For a network from 64 latents to 784 pixels there is no such formula: $G$ has no inverse, and "
                "$p_g$ no density (Proposition 1.2).")

# Recorded with Game(MLP(2, 32, 32, 2, activation="tanh"), MLP(2, 1), latent=2) on data.ring(8, 1.0, 0.1): seed 0, batch 128,
# 2000 steps, lr (1e-3, 1e-2), betas (0.5, 0.99). Seeds 1 to 4 end alike. The new discriminator: Adam, lr 1e-2, 300 steps.
loss_curves = Choice(
    id="loss_curves", title="Losses as in the book", level="medium",
    prompt="A run on the chapter's ring of eight bumps, with the chapter's generator and the discriminator `MLP(2, 1)`, a single linear layer. "
           "The first row is the first step; in the others the losses, how often $D$ is right, and the share of good "
           "samples are averages over the last hundred steps.\n\n"
           "| step | loss of $D$ | loss of $G$ | $D$ is right | good samples |\n|---|---|---|---|---|\n"
           "| 1 | 1.452 | 0.482 | 49 % | 0 % |\n| 500 | 1.389 | 0.696 | 46 % | 4 % |\n"
           "| 1000 | 1.386 | 0.696 | 50 % | 0 % |\n| 1500 | 1.387 | 0.696 | 49 % | 0 % |\n"
           "| 2000 | 1.388 | 0.694 | 49 % | 0 % |\n\n"
           "What is going on?",
    hints=(r"Which column looks at the samples themselves, and not at what $D$ thinks of them?",
           r"`MLP(2, 1)` has no hidden layer: its logit is $w_1 x_1 + w_2 x_2 + b$. Which differences between two clouds of "
           "points can that see?"),
    options=(
        Option("The equilibrium is reached, and *good samples* is too strict a measure.", False,
               r"The losses are those of the equilibrium, but for a perfect generator 99 % of the samples would be good. "
               r"$D \approx \tfrac12$ proves something about $G$ only if $D$ is strong."),
        Option("$D$ has won, and $G$ gets no gradient any more.", False,
               r"A $D$ that wins has a loss near 0 and is right nearly always. This one does no better than a coin."),
        Option("$D$ is too weak to see what is wrong with the samples.", True,
               r"A linear logit sees of a point only how far it lies to one side of a straight line. Once the samples have the mean of "
               r"the data, $D = \tfrac12$ is the best such a $D$ can do, wherever else they lie."),
        Option("The learning rates are so small that nothing has moved yet.", False,
               r"Both losses have moved since the first step, to the very numbers that belong to $D = \tfrac12$, and have "
               "stayed there. Small steps would not choose these numbers."),
    ),
    explanation="The samples of this run end up in a heap near the centre of the ring, 0.2 from it on average. The test: "
                "freeze $G$ and train a stronger discriminator. After 300 steps, `MLP(2, 32, 32, 1)` was right about all of 8000 "
                "fresh samples of this run.")


def training_cases(seed: int) -> list[Case]:
    cases = []
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for what, n, m, lr in (("two small networks", 12, 12, 0.3),
                               ("networks with gradients left over from an earlier step", 16, 20, 0.2)):
            generator = MLP(2, 6, 2, activation="tanh").double()
            discriminator = MLP(2, 6, 1, activation="tanh").double()
            real, z_d, z_g = (torch.randn(rows, 2).double() for rows in (n, n, m))
            if "left over" in what:
                discriminator(generator(z_d) + real).mean().backward()
            cases.append(Case(what, (generator, discriminator, real + 1, z_d, z_g, lr)))
    return cases


def training_step(generator, discriminator, real, z_d, z_g, lr):
    sgd_d = torch.optim.SGD(discriminator.parameters(), lr)
    sgd_g = torch.optim.SGD(generator.parameters(), lr)

    fake = generator(z_d).detach()
    loss_d = (softplus(-discriminator(real)).mean()
              + softplus(discriminator(fake)).mean())
    sgd_d.zero_grad()
    loss_d.backward()
    sgd_d.step()

    loss_g = softplus(-discriminator(generator(z_g))).mean()
    sgd_g.zero_grad()
    loss_g.backward()
    sgd_g.step()


def _loss_d(generator, discriminator, real, z):
    return softplus(-discriminator(real)).mean() + softplus(discriminator(generator(z))).mean()


def _loss_g(generator, discriminator, z):
    return softplus(-discriminator(generator(z))).mean()


def _descend(loss, lr, *networks):
    parameters = [p for network in networks for p in network.parameters()]
    with torch.no_grad():
        for p, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
            p -= lr * gradient


def _simultaneous(generator, discriminator, real, z_d, z_g, lr):
    loss_d, loss_g = _loss_d(generator, discriminator, real, z_d), _loss_g(generator, discriminator, z_g)
    parameters = [*discriminator.parameters(), *generator.parameters()]
    gradients = (*torch.autograd.grad(loss_d, list(discriminator.parameters())),
                 *torch.autograd.grad(loss_g, list(generator.parameters())))
    with torch.no_grad():
        for p, gradient in zip(parameters, gradients, strict=True):
            p -= lr * gradient


def _same_noise(generator, discriminator, real, z_d, z_g, lr):
    training_step(generator, discriminator, real, z_d, z_d, lr)


def _value_descended(generator, discriminator, real, z_d, z_g, lr):
    _descend(-_loss_d(generator, discriminator, real, z_d), lr, discriminator)
    _descend(_loss_g(generator, discriminator, z_g), lr, generator)


def _labels_swapped(generator, discriminator, real, z_d, z_g, lr):
    _descend(softplus(discriminator(real)).mean() + softplus(-discriminator(generator(z_d))).mean(), lr, discriminator)
    _descend(_loss_g(generator, discriminator, z_g), lr, generator)


def _minimax(generator, discriminator, real, z_d, z_g, lr):
    _descend(_loss_d(generator, discriminator, real, z_d), lr, discriminator)
    _descend(-softplus(discriminator(generator(z_g))).mean(), lr, generator)


def _d_moves_twice(generator, discriminator, real, z_d, z_g, lr):
    _descend(_loss_d(generator, discriminator, real, z_d), lr, discriminator)
    _descend(_loss_g(generator, discriminator, z_g), lr, generator, discriminator)


def _g_moves_twice(generator, discriminator, real, z_d, z_g, lr):
    _descend(_loss_d(generator, discriminator, real, z_d), lr, discriminator, generator)
    _descend(_loss_g(generator, discriminator, z_g), lr, generator)


def _not_zeroed(generator, discriminator, real, z_d, z_g, lr):
    fake = generator(z_d).detach()
    (softplus(-discriminator(real)).mean() + softplus(discriminator(fake)).mean()).backward()
    torch.optim.SGD(discriminator.parameters(), lr).step()
    _loss_g(generator, discriminator, z_g).backward()
    torch.optim.SGD(generator.parameters(), lr).step()


def _leaked(generator, discriminator, real, z_d, z_g, lr):
    for network in (discriminator, generator):
        network.zero_grad()
    _loss_d(generator, discriminator, real, z_d).backward()
    torch.optim.SGD(discriminator.parameters(), lr).step()
    _loss_g(generator, discriminator, z_g).backward()
    torch.optim.SGD(generator.parameters(), lr).step()


def _sums(generator, discriminator, real, z_d, z_g, lr):
    _descend(softplus(-discriminator(real)).sum() + softplus(discriminator(generator(z_d))).sum(), lr, discriminator)
    _descend(softplus(-discriminator(generator(z_g))).sum(), lr, generator)


def _generator_first(generator, discriminator, real, z_d, z_g, lr):
    _descend(_loss_g(generator, discriminator, z_g), lr, generator)
    _descend(_loss_d(generator, discriminator, real, z_d), lr, discriminator)


training_step_exercise = Code(
    id="training_step", title="One step of the game", level="hard",
    prompt=r"Write one step of the loop, with plain gradient descent of rate `lr` in place of Adam. First $D$ takes a step up in "
           r"$V$, on the real samples and on samples from the latents `z_d`. Then $G$ takes a step down in its loss "
           r"$-\log D(G(z))$, averaged over the latents `z_g`, against the $D$ that has just moved. `discriminator` returns logits, "
           r"$(n, 1)$. Both networks are changed in place, nothing is returned, and gradients that lie about in `.grad` from "
           "earlier must have no effect.",
    doc="One step of D up in V with latents z_d, then one of G down in -log D(G(z)) with z_g, both with rate lr, in place.",
    needs="import torch\nfrom torch.nn.functional import softplus", reference=training_step, inputs=training_cases,
    observe=lambda arguments, returned: {
        "the discriminator": [p.detach().clone() for p in arguments[1].parameters()],
        "the generator": [p.detach().clone() for p in arguments[0].parameters()]},
    hints=(r"It is the body of the chapter's loop. `torch.optim.SGD(network.parameters(), lr)` is plain gradient descent and "
           "remembers nothing, so you may make it anew in each step.",
           r"With logits, $-V$ is `softplus(-discriminator(real)).mean() + softplus(discriminator(fake)).mean()`. Step down in "
           r"that with $D$'s parameters only.",
           r"Compute $G$'s loss *after* $D$'s step, from fresh calls of both networks: "
           "`softplus(-discriminator(generator(z_g))).mean()`. Each player: `zero_grad`, `backward`, `step`."),
    mistakes=(
        Mistake("simultaneous", _simultaneous, r"Both players moved at once: your $G$ answered the $D$ of before. Compute "
                r"$G$'s loss after $D$'s step, by calling the discriminator again."),
        Mistake("same noise", _same_noise, r"You used `z_d` for both steps. $G$ is to be judged on samples that $D$ has not "
                "just been trained on."),
        Mistake("nothing moved", lambda *arguments: None, "Neither network has changed. Compute a loss, differentiate it, and move the "
                "parameters *in place*: `p = p - lr * g` only makes a new tensor."),
        Mistake("D alone", lambda g, d, real, z_d, z_g, lr: _descend(_loss_d(g, d, real, z_d), lr, d), r"$D$'s step is right. Now "
                r"$G$ must take one."),
        Mistake("G first", _generator_first, r"Both steps are there, in the wrong order: $D$ moves first, and $G$ answers the $D$ that has "
                "just moved."),
        Mistake("latents exchanged", lambda g, d, real, z_d, z_g, lr: training_step(g, d, real, z_g, z_d, lr), r"`z_d` belongs to $D$'s "
                r"step and `z_g` to $G$'s; you have them the other way round."),
        Mistake("rate forgotten", lambda g, d, real, z_d, z_g, lr: training_step(g, d, real, z_d, z_g, 1.0), "The steps have the length of "
                "the gradients. Multiply them by `lr`."),
        Mistake("sums", _sums, "You summed over the samples. Take means: a sum grows with the batch, and so would the step."),
        Mistake("D down in V", _value_descended, r"Your $D$ went *down* in $V$: it got worse. An optimiser descends, so its loss "
                r"must be $-V$."),
        Mistake("labels swapped", _labels_swapped, r"Your $D$ learns to call real samples generated, and generated ones "
                r"real. With logits, $-\log D = \operatorname{softplus}(-\ell)$ belongs to the real ones."),
        Mistake("minimax loss", _minimax, r"$D$'s step is right. But your $G$ minimised $\log(1 - D(G(z)))$, the minimax loss. "
                r"Asked for was $-\log D(G(z))$: same direction for each sample, another size."),
        Mistake("D moved by G's loss", _d_moves_twice, r"In $G$'s step your $D$ moved too, so that it now likes the generated "
                r"samples better. The gradient flows *through* $D$, but only $G$'s parameters may step."),
        Mistake("G moved by D's loss", _g_moves_twice, r"In $D$'s step your $G$ moved too, so that its samples are easier "
                r"to reject. Step with $D$'s parameters only."),
        Mistake("leaked", _leaked, r"$D$'s loss has left gradients in $G$, and $G$'s step follows them as well. Detach the generated "
                r"samples in $D$'s step, or zero $G$'s gradients right before its own `backward`."),
        Mistake("not zeroed", _not_zeroed, r"The steps are right as long as `.grad` is empty. If something is left in "
                r"it, `backward` adds to that. Call `zero_grad` before each `backward`."),
    ),
    explanation=r"Without `.detach()` it would be right as well, only slower: then $D$'s loss leaves gradients in $G$, and "
                r"`sgd_g.zero_grad()` throws them away before $G$'s own.")

mixed_value = Formula(
    id="mixed_value", title="What a mixed game is worth", level="hard",
    prompt="Two players, two moves each. The row player pays the column player\n\n"
           "| move | left | right |\n|---|---|---|\n| top | $a$ | $b$ |\n| bottom | $c$ | $d$ |\n\n"
           "so the row player minimises and the column player maximises. Both $a$ and $d$ are larger than both $b$ and $c$, so "
           "without mixing it pays to move second. Now both may mix. What is the value of the game, "
           r"$\min_u \max_w u^\top A w$?",
    hints=(r"Let the row player play *top* with probability $u$. Write down what it then pays on average against *left*, and "
           "what against *right*.",
           r"The column player takes the larger of the two. One of them rises with $u$, the other falls: where is the "
           "larger one smallest?",
           r"Where they are equal, $ua + (1 - u)c = ub + (1 - u)d$. Solve for $u$ and put it into one side."),
    symbols={"a": (2.0, 5.0), "b": (-2.0, 1.5), "c": (-2.0, 1.5), "d": (2.0, 5.0)},
    reference="(a*d - b*c)/(a + d - b - c)",
    mistakes=(
        Mistake("mean of four", "(a + b + c + d)/4", r"That is what they pay on average if both toss a fair coin. "
                "A fair coin is the best mixture only if the payoffs are symmetric enough, as in matching pennies."),
        Mistake("pure moves", "(a + d - abs(a - d))/2", r"That is $\min\max$ in pure moves, the smaller of $a$ and $d$. By mixing "
                "the row player can do better: the column player no longer knows what to answer."),
        Mistake("the probability", "(d - c)/(a + d - b - c)", r"That is the probability with which the row player plays *top*. "
                "What does it pay then?"),
        Mistake("weights swapped", "(a*(a - b) + c*(d - c))/(a + d - b - c)", r"You gave *top* the probability of "
                r"*bottom*. Test it: with the right weights *left* and *right* pay the same."),
        Mistake("determinant", "a*d - b*c", r"That is the numerator only. Double all four payoffs: the value must double "
                "too, yours is multiplied by four."),
        Mistake("sign below", "(a*d - b*c)/(a + b + c + d)", r"Solve for $u$ again: from $ua + (1 - u)c = ub + (1 - u)d$ the "
                r"terms with $b$ and $c$ come over with a minus. Test: add 1 to all four payoffs, and the value must rise by 1."),
    ),
    explanation=r"$u = \frac{d - c}{a + d - b - c}$, and either column then pays the value. For matching pennies "
                r"($a = d = 1$, $b = c = -1$) it is 0. The formula holds only without a saddle point; with one, the value "
                "is the payoff there.")

density_of_a_picture = Choice(
    id="density_of_a_picture", title="What the model can be asked", level="easy", concept=True,
    prompt=r"You have trained a GAN with 64 latents on pictures, and somebody hands you a new picture $x$. What can you compute "
           "as exactly as you like, without training anything more?",
    hints=(r"What does Identity 1.1 need: the density of $p_g$, or samples of it?",),
    options=(
        Option(r"how likely $x$ is under the model, $p_g(x)$", False, r"The model is implicit: there is no formula for $p_g$, "
               "and with fewer latents than pixels $p_g$ does not even have a density."),
        Option(r"the average distance from $x$ to a generated picture", True, r"An average over $p_g$ is an average over "
               r"latents (Identity 1.1): draw as many $G(z)$ as you like."),
        Option(r"the density of the data at $x$, by way of $D(x)$", False, r"$D(x)$ is the probability that $x$ is real "
               r"rather than generated. It compares two densities and knows neither; at the equilibrium it is $\tfrac12$ "
               "for every picture."),
        Option(r"the latent $z$ with $G(z) = x$", False, r"A GAN has no encoder, and for a new picture there is in general no "
               r"such $z$: the samples lie on a thin sheet."),
    ),
    explanation="A GAN answers every question that can be put as an average over its samples, and none that needs the value of $p_g$ at a point.")

what_g_sees = Choice(
    id="what_g_sees", title="What the forger knows", level="easy", concept=True,
    prompt=r"In its step, what does $G$ get to know?",
    hints=(r"Look at the loss in $G$'s step: is there a real sample in it?",),
    options=(
        Option("the real samples of the batch, to compare its own with", False, r"No real sample occurs in $G$'s loss. "
               r"$G$ meets the data only through $D$."),
        Option(r"nothing but $D$'s verdict on each of its samples, real or not real", False, "A verdict alone would not tell it what to change. It "
               "gets more than that."),
        Option(r"for each of its samples, in which direction $D$ would find it more real, and how strongly", True, r"That is the gradient of its loss by the sample, and through it comes all that $G$ ever learns about the data."),
        Option("which parts of the data it has not covered yet", False, r"In $G$'s step $D$ is asked only about samples that $G$ makes. It says which way each of them should go; it gives no list of what is missing. That is one reason why modes can get lost."),
    ),
    explanation=r"So $G$ can learn nothing about the data that $D$ has not learnt first.")

frozen_critic = Choice(
    id="frozen_critic", title="A critic that stands still", level="medium", concept=True,
    prompt=r"In the middle of training you freeze the weights of $D$ and train $G$ alone, until its loss is as small as it can be. Suppose $G$ can make "
           r"any distribution, and $D$ is largest at exactly one point. What does $G$ make in the end?",
    hints=(r"With $D$ fixed, $G$'s loss is an average over its samples. How do you make an average as small as possible?",),
    options=(
        Option(r"samples distributed like the data, as seen by this $D$", False, r"With $D$ frozen, $p_{\text{data}}$ does not "
               r"occur in $G$'s loss at all, and nothing rewards variety."),
        Option(r"samples spread over the region where $D > \tfrac12$", False, r"A point with $D = 0.6$ costs more than one "
               r"with $D = 0.9$. No average gets better by keeping the worse ones."),
        Option(r"the same samples as before: a frozen $D$ gives no gradient", False, r"Frozen are its weights. The gradient "
               r"that $G$ needs is the one by the sample, and it flows through frozen weights as through any others."),
        Option(r"one and the same sample again and again", True, r"All mass goes to the point where $D$ is "
               r"largest (Proposition 1.6, for finitely many points; the argument is the same)."),
    ),
    explanation=r"This is $\max_D \min_G$, the order that rewards collapse. What keeps $G$ from it is that $D$ moves on.")

sound_reading = Choice(
    id="sound_reading", title="Reading losses", level="medium", concept=True,
    prompt=r"The losses are those of the chapter: $-V$ for $D$, and $-\log D(G(z))$ for $G$. Which conclusion is sound?",
    hints=("What would each number be at the equilibrium? And who measures it?",),
    options=(
        Option(r"$D$'s loss has gone down to 0.02: training succeeds.", False, r"Then $D$ is nearly always right and sure of "
               r"it, so $G$ fools nobody. At the equilibrium $D$'s loss is $\log 4$."),
        Option(r"$D$'s loss has gone down to 0.02: $D$ tells these samples apart almost without error.", True,
               r"Both terms of $-V$ are positive, so both must be small: real samples get $D$ near 1, generated ones near 0. "
               r"It is bad news for $G$."),
        Option(r"$G$'s loss has doubled since yesterday: its samples have become worse.", False, r"Its loss is measured by "
               r"$D$, and $D$ has changed too. A better $D$ makes the same samples cost more."),
        Option(r"Both losses have stood still for a thousand steps: nothing happens any more.", False, r"In the chapter's own run "
               "they hardly move while the share of good samples goes on rising."),
    ),
    explanation="Losses tell how the players stand to each other, not how good the samples are. Look at samples, from several "
                "seeds.")

forgotten_detach = Choice(
    id="forgotten_detach", title="Without the detach", level="medium", concept=True,
    prompt=r"In the chapter's loop you delete `.detach()` from $D$'s step, and nothing else: each optimiser still zeroes the "
           "gradients of its own network before its own `backward`. What changes?",
    hints=(r"Which parameters get additional gradients? Follow these gradients up to the next `step` of their optimiser.",),
    options=(
        Option(r"$G$ moves so that $D$ can reject its samples more easily", False, r"$D$'s loss does leave such gradients in $G$. "
               r"But the only optimiser that moves $G$ is `adam_G`, and it zeroes them before its own `backward`."),
        Option(r"$D$ gets other gradients", False, r"The gradient by $D$'s weights depends on the values of the samples, not on "
               "where these came from."),
        Option("only the time: the weights stay the same", True, r"Gradients by $G$'s weights are computed and thrown away."),
        Option("an error: `backward` runs through the same graph twice", False, r"$G$'s step calls both networks afresh, "
               "with new latents, so it has a graph of its own."),
    ),
    explanation="Detach all the same: it says what is meant, it saves time, and it protects you on the day when somebody moves a "
                "`zero_grad`.")

order_of_moves = Choice(
    id="order_of_moves", title="Does the order matter?", level="medium", concept=True,
    prompt=r"$D$ and $G$ are networks with finitely many weights. What is known about $\min_G\max_D V$ and $\max_D\min_G V$?",
    hints=("Proposition 1.4 holds for every game. For which does Theorem 1.5?",),
    options=(
        Option("they are equal, by von Neumann's theorem", False, "That theorem is about mixed strategies in finite games, and networks "
               "are not that."),
        Option("the first is at least as large, and may be larger", True, "Moving second never hurts, and in the first $D$, who "
               "maximises, moves second."),
        Option("the second is at least as large, and may be larger", False, "In the second $G$, who minimises, has seen $D$'s move. That "
               "cannot raise the value."),
        Option("the order is of no account, since in training both move in turn", False, "Taking turns does not make the two numbers "
               "equal; and the second order is the one that rewards collapse."),
    ),
    explanation=r"Only $\max\min \le \min\max$ is certain.")

CHAPTER = Chapter(
    "01", "Two players",
    [constant_critic, value_exercise, from_cross_entropy, confusion_value, pushforward, loss_curves,
     training_step_exercise, mixed_value, density_of_a_picture, what_g_sees, frozen_critic, order_of_moves, sound_reading, forgotten_detach],
    gate={"numbers": (2, ("constant_critic", "from_cross_entropy", "confusion_value")),
          "derivation": (1, ("pushforward", "mixed_value")),
          "code": (1, ("value", "training_step")),
          "reading": (1, ("loss_curves",)),
          "concepts": (4, ("density_of_a_picture", "what_g_sees", "frozen_critic", "order_of_moves", "sound_reading",
                          "forgotten_detach"))})
