"""Chapter 8, WGAN: clipping and the gradient penalty."""

import torch
from torch import nn

from ganlib.networks import MLP
from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code, logits
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number

linear_penalty = Number(
    id="linear_penalty", title="What a linear critic pays", level="easy",
    prompt=r"A critic is linear, $f(x) = w^\top x + b$, with $\lVert w\rVert = s$. The gradient penalty has the weight "
           r"$\lambda$ (`lambda_` below). How much does the critic pay, whatever the samples are?",
    hints=(r"What is $\nabla_x f(x)$, and does it depend on $x$?",
           "So every interpolated sample pays the same. Put the norm into the formula of the penalty."),
    reference="lambda_*(s - 1)**2", draw={"s": (0.2, 0.3, 1.7, 2.6, 3.5, 4.0), "lambda_": (5.0, 10.0, 20.0)},
    mistakes=(
        Mistake("squared norm", "lambda_*(s**2 - 1)**2", r"You compared the *squared* norm with 1. The penalty is on the norm "
                r"itself: $(\lVert\nabla f\rVert - 1)^2$."),
        Mistake("zero-centred", "lambda_*s**2", "That would pull the slope to 0. A penalty that comes from the Wasserstein distance "
                "wants another slope."),
        Mistake("no weight", "(s - 1)**2", r"The weight $\lambda$ in front is missing."),
        Mistake("half", "lambda_/2*(s - 1)**2", r"The factor $\tfrac12$ belongs to R1. Here the weight stands alone."),
        Mistake("no square", "lambda_*(s - 1)", "That can be negative: a flat critic would be *paid*. The deviation is squared."),
        Mistake("inside the square", "(lambda_*s - 1)**2", r"The weight stands in front of the square, it does not multiply the "
                "slope."),
    ),
    explanation="The same for every batch size and every shape of sample (Identity 8.5): a good first test of an implementation.")

scaled_critic = Number(
    id="scaled_critic", title="A critic that is too steep", level="easy",
    prompt=r"Somebody trained a critic whose slope is $K$ at the steepest place, and finds "
           r"$\mathbb{E}_p f - \mathbb{E}_q f = e$. What is the greatest lower bound for $W_1(p, q)$ that this proves?",
    hints=("Duality speaks of 1-Lipschitz critics. Which multiple of $f$ is one?",
           r"$f/K$ is 1-Lipschitz. What does *it* find?"),
    reference="e/K", draw={"e": (3.0, 5.0, 8.0, 11.0), "K": (2.0, 4.0, 2.5, 5.0)},
    mistakes=(
        Mistake("not divided", "e", "That would need a critic that is 1-Lipschitz, and this one is not. Doubling $f$ doubles "
                "what it finds, and the distributions stay where they are."),
        Mistake("multiplied", "e*K", "The wrong way round: a critic twice as steep finds twice as much, so its finding counts "
                "half as much."),
        Mistake("squared", "e/K**2", "The gap of the two means grows in proportion to the critic, not to its square."),
        Mistake("root", "e/sqrt(K)", "The gap of the two means grows in proportion to the critic, not to a root of it."),
    ),
    explanation=r"The supremum over $K$-Lipschitz critics is $K\,W_1$ (Identity 8.1). A clipped critic has a $K$ that nobody "
                "knows, and so its loss is a distance in an unknown unit.")

read_the_log = Number(
    id="read_the_log", title="Read the log", level="easy",
    prompt=r"A WGAN-GP prints the critic's whole loss, $\mathbb{E}_q f - \mathbb{E}_p f + \text{penalty}$, which is $t$, and the "
           r"weighted penalty alone, which is $r$. What is the critic's estimate $\mathbb{E}_p f - \mathbb{E}_q f$?",
    hints=("Solve the sum for the difference of the two means.", "Mind which mean comes first in the loss, and which in the "
           "estimate."),
    reference="r - t", draw={"t": (-2.5, -1.25, -0.75, -4.0), "r": (0.3, 0.4, 0.6, 0.7)},
    mistakes=(
        Mistake("loss", "t", "That is the loss the critic minimises. It is about *minus* the distance, and a distance is not "
                "negative."),
        Mistake("penalty forgotten", "-t", "The sign is right. But the loss contains the penalty too, and that says nothing "
                "about the two means."),
        Mistake("penalty twice", "-t - r", "You took the penalty off on the wrong side of the minus: it was *added* to the loss."),
        Mistake("sign", "t - r", "That is the difference in the order in which the loss has it, generated minus real."),
    ),
    explanation="The whole loss with its sign turned, $-t$, is the penalised value, which lies between the distance and the "
                "estimate at the optimum (Corollary 8.7).")


def score_cases(seed: int) -> list[Case]:
    return [Case("random scores", (logits(40, 3 * seed), logits(40, 3 * seed + 1, 1.5))),
            Case("unequal numbers of samples", (logits(7, 3 * seed + 2), logits(30, 3 * seed + 3, 50.0)))]


def wgan_losses(real_scores, fake_scores):
    critic = fake_scores.mean() - real_scores.mean()
    generator = -fake_scores.mean()
    return critic, generator


def _hinge(real, fake):
    return torch.relu(1 - real).mean() + torch.relu(1 + fake).mean(), -fake.mean()


def _log_sigmoid(real, fake):
    softplus = nn.functional.softplus
    return softplus(-real).mean() + softplus(fake).mean(), softplus(-fake).mean()


def _sigmoid(real, fake):
    return torch.sigmoid(fake).mean() - torch.sigmoid(real).mean(), -torch.sigmoid(fake).mean()


wgan_losses_exercise = Code(
    id="wgan_losses", title="Two losses without a logarithm", level="easy",
    prompt="Write the two losses of a WGAN, without any penalty, both to be minimised: the critic's and the generator's, in this "
           "order. The critic gives high scores to real samples.",
    doc="The critic's and the generator's loss, each a tensor with one number. real_scores: (n, 1), fake_scores: (m, 1).",
    needs="import torch", reference=wgan_losses, inputs=score_cases,
    hints=(r"The critic *maximises* $\mathbb{E}_p f - \mathbb{E}_q f$. What does it minimise?",
           "The generator wants the scores of its own samples to rise."),
    mistakes=(
        Mistake("critic turned round", lambda r, f: (r.mean() - f.mean(), -f.mean()), "Minimising your first loss gives *low* "
                "scores to real samples, and your generator raises the scores of its own: both push the same way."),
        Mistake("generator turned round", lambda r, f: (f.mean() - r.mean(), f.mean()), "The critic's loss is right. Your "
                "generator helps the critic: it lowers the scores of its own samples."),
        Mistake("both turned round", lambda r, f: (r.mean() - f.mean(), f.mean()), "A consistent game, but with low scores for "
                "real samples. The exercise asks for high ones."),
        Mistake("order of the results", lambda r, f: wgan_losses(r, f)[::-1], "Both are right, in the wrong order."),
        Mistake("hinge", _hinge, r"That is the hinge loss, which stops caring about samples beyond $\pm1$. It is often *called* "
                "Wasserstein, and it is not."),
        Mistake("logistic", _log_sigmoid, "That is the non-saturating GAN. A critic's score is not turned into a probability."),
        Mistake("sigmoid", _sigmoid, "You squash the scores with a sigmoid. The difference of two means can then never exceed 1, "
                "however far apart the distributions are."),
        Mistake("real part for the generator", lambda r, f: (f.mean() - r.mean(), r.mean() - f.mean()), "The generator cannot move "
                "the scores of real samples. Leave them out: they are a constant in its loss."),
        Mistake("sum", lambda r, f: (f.sum() - r.sum(), -f.sum()), "You added up the samples. With different numbers of real and "
                "generated ones that is no difference of means any more."),
    ),
    explanation="No logarithm, no sigmoid. What makes it a distance is not the loss but the bound on the critic's slope.")

clipped_bound = Formula(
    id="clipped_bound", title="How steep can a clipped critic be?", level="medium",
    prompt=r"A critic has $d$ inputs, two hidden layers of $n$ units and one output, so three weight matrices. Its activation is "
           r"1-Lipschitz and every weight lies in $[-c, c]$. What is the bound of Proposition 8.2 on its slope?",
    hints=(r"The slope of a composition is at most the product of the slopes of its layers.",
           r"A matrix with entries up to $c$ stretches by at most its Frobenius norm: $c$ times the root of the number of entries.",
           r"The three matrices have $nd$, $n^2$ and $n$ entries."),
    symbols={"c": (0.01, 0.5), "n": (4, 64), "d": (2, 9)}, reference="c**3*n**2*sqrt(d)",
    mistakes=(
        Mistake("one layer", "c*n**2*sqrt(d)", r"Every layer brings a factor $c$ of its own."),
        Mistake("no roots", "c**3*n**4*d", r"You multiplied the numbers of entries. The norm of a matrix grows with the *root* of "
                "their number."),
        Mistake("inputs forgotten", "c**3*n**2", r"You left out the width of the input. A direction in which all inputs add up is "
                "stretched by the root of their number."),
        Mistake("input not rooted", "c**3*n**2*d", r"The inputs come in once, in the first matrix, and under a root like all "
                "widths at the ends."),
        Mistake("one hidden layer", "c**2*n*sqrt(d)", "That is a critic with one hidden layer. Two hidden layers make three "
                "matrices."),
        Mistake("three hidden layers", "c**4*n**3*sqrt(d)", "You counted four matrices. Two hidden layers make three."),
        Mistake("clip only", "c**3", "The entries are bounded by $c$, the matrix is not: many small entries add up."),
    ),
    explanation=r"Each further hidden layer multiplies it by $cn$: at $c = 0.01$ and $n = 32$ by a third, at $c = 0.1$ by three. "
                "A clipping value sets a slope only together with width and depth.")

critical_clipping = Number(
    id="critical_clipping", title="A clipping value that keeps the gradient", level="medium",
    prompt=r"All weights of a deep critic have been driven to $\pm c$, with independent signs. Its hidden layers have $n$ units "
           r"with leaky ReLU of slope $a$, half of them on the steep side. For which $c$ does the mean squared gradient stay the "
           "same from layer to layer (Rate 8.3)?",
    hints=(r"Going back through one layer, each squared gradient is a sum of $n$ terms, each $c^2$ times a squared gradient of the "
           "layer above, times what the activation lets through.",
           r"On average the activation lets through $\tfrac12(1 + a^2)$ of a squared gradient.",
           r"Set $c^2\,n\,\frac{1 + a^2}{2} = 1$."),
    reference="sqrt(2/(n*(1 + a**2)))", draw={"n": (32, 50, 64, 128, 200), "a": (0.4, 0.5, 0.6, 0.7)},
    mistakes=(
        Mistake("worst case", "1/n", r"That keeps the *bound* $cn$ at 1, which is for signs that all agree. With independent signs "
                "contributions cancel in part, and only their squares add up."),
        Mistake("activation forgotten", "1/sqrt(n)", "You let every gradient through. Half of the units are on the flat side."),
        Mistake("leak forgotten", "sqrt(2/n)", r"That is for a plain ReLU. A leaky one also lets $a$ through on the flat side."),
        Mistake("leak not squared", "sqrt(2/(n*(1 + a)))", "It is *squared* gradients that add up, so the leak counts with its "
                "square."),
        Mistake("no root", "2/(n*(1 + a**2))", r"That is $c^2$, by which a squared gradient is multiplied. A root is missing."),
        Mistake("half forgotten", "sqrt(1/(n*(1 + a**2)))", "Half of the units are steep and half are flat: an average of the "
                "two, not their sum."),
    ),
    explanation=r"Below it gradients vanish with depth, above it they explode, in both cases geometrically. No value of $c$ serves "
                "all widths and all depths.")

norm_over_batch = Formula(
    id="norm_over_batch", title="The most common bug", level="medium",
    prompt=r"A gradient penalty with weight $\lambda$ takes *one* norm over the gradients of the whole batch of $N$ samples, where it "
           r"should take one norm per sample. What does a linear critic of slope $s$ pay? (The gradients are those of the sum of the "
           r"scores, each of length $s$. Write `lambda_` for $\lambda$.)",
    hints=(r"All $N$ gradients equal $w$. Put them one below the other: how long is this vector of $N d$ numbers?",
           r"Its squared length is $N s^2$."),
    symbols={"lambda_": (1, 20), "N": (2, 64), "s": (0.2, 3.0)}, reference="lambda_*(sqrt(N)*s - 1)**2",
    mistakes=(
        Mistake("right implementation", "lambda_*(s - 1)**2", "That is what it *should* pay."),
        Mistake("sum of penalties", "lambda_*N*(s - 1)**2", "That is a sum over samples in place of a mean, another bug. Here "
                "the norm itself is taken over all the gradients together."),
        Mistake("not rooted", "lambda_*(N*s - 1)**2", "Lengths do not add up; their squares do."),
        Mistake("averaged", "lambda_*(s/sqrt(N) - 1)**2", "A norm over the batch grows with the batch."),
        Mistake("squared", "lambda_*(N*s**2 - 1)**2", "The length is squared already in your formula; the penalty compares the "
                "length itself with 1."),
    ),
    explanation=r"At $s = 1$, $N = 64$ and $\lambda = 1$ this is 49, and it should be 0. The penalty then wants slope "
                r"$1/\sqrt{N}$: it trains, slowly, and nobody notices (Proposition 8.8).")

too_steep = Formula(
    id="too_steep", title="Not exactly one", level="medium",
    prompt=r"All data lie at one point, all samples at another, at distance $m$. A critic with slope $s$ along the line between them "
           r"gets the gap $m s$ and pays $\lambda(s - 1)^2$. Which slope is best for it? (Write `lambda_` for $\lambda$.)",
    hints=(r"Maximise $m s - \lambda(s - 1)^2$ over $s$.", r"The derivative is $m - 2\lambda(s - 1)$."),
    symbols={"m": (0.2, 5.0), "lambda_": (1, 20)}, reference="1 + m/(2*lambda_)",
    mistakes=(
        Mistake("exactly one", "1", r"There the penalty is 0, and its slope too: going a bit beyond costs nothing to first order, and "
                r"gains $m$ per unit of slope."),
        Mistake("two forgotten", "1 + m/lambda_", "The square brings a factor 2 when it is differentiated."),
        Mistake("sign", "1 - m/(2*lambda_)", "The gap grows with the slope. So the critic is pulled to the steep side of 1."),
        Mistake("deviation only", "m/(2*lambda_)", "That is by how much the slope *exceeds* 1."),
        Mistake("upside down", "1 + 2*lambda_/m", r"The stronger the penalty, the nearer to 1. Yours runs away with $\lambda$."),
    ),
    explanation=r"A penalty is not a constraint: the optimum sits where its slope balances the gain (Proposition 8.6). The critic "
                r"overstates the distance by $m^2/(2\lambda)$.")

penalised_value = Formula(
    id="penalised_value", title="What the loss then says", level="hard",
    prompt=r"Go on with the two points at distance $m$ and the critic that is best for it. What value does the penalised objective, "
           r"the gap *minus* the penalty, reach? (Write `lambda_` for $\lambda$.)",
    hints=(r"The best slope is $1 + \frac{m}{2\lambda}$; put it into $m s - \lambda(s - 1)^2$.",
           r"The gap is $m + \frac{m^2}{2\lambda}$, the penalty $\lambda\left(\frac{m}{2\lambda}\right)^2$."),
    symbols={"m": (0.2, 5.0), "lambda_": (1, 20)}, reference="m + m**2/(4*lambda_)",
    mistakes=(
        Mistake("the distance", "m", r"That would be the value for slope 1. The best slope is another, so it must give more."),
        Mistake("gap only", "m + m**2/(2*lambda_)", "That is the gap alone, the critic's estimate. The penalty is still to be taken "
                "off."),
        Mistake("penalty added", "m + 3*m**2/(4*lambda_)", "You added the penalty. The critic *maximises* the gap minus the penalty."),
        Mistake("no quarter", "m + m**2/lambda_", r"That is the gap for the slope $1 + \frac{m}{\lambda}$, with no penalty taken "
                r"off. The best slope is another."),
        Mistake("sign", "m - m**2/(4*lambda_)", "The optimum cannot be below the value $m$ that slope 1 has already."),
        Mistake("penalty only", "m**2/(4*lambda_)", "That is the penalty paid. The question is what is left of the gap."),
    ),
    explanation=r"Half of the excess is eaten up by the penalty (Corollary 8.7). Both readings tend to the true distance as "
                r"$\lambda \to \infty$; at $\lambda = 10$ and $m = 1$ they are 2.5 % and 5 % too large.")


class _Pictures(nn.Module):
    """A critic of pictures whose slope differs from place to place."""

    def __init__(self, generator: torch.Generator):
        super().__init__()
        self.first = nn.Parameter(torch.randn(3, 18, generator=generator, dtype=torch.float64) / 2)
        self.last = nn.Parameter(torch.randn(3, generator=generator, dtype=torch.float64))

    def forward(self, x):
        return (torch.tanh(x.flatten(1) @ self.first.T) @ self.last)[:, None]


def penalty_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = MLP(2, 12, 1, activation="tanh").double()
    cases = []
    for what, critic, rows, shape in (("points and a network", network, 10, (2,)),
                                      ("pictures (n, 2, 3, 3) and a network", _Pictures(generator), 6, (2, 3, 3))):
        real, fake = (scale * torch.randn(rows, *shape, generator=generator, dtype=torch.float64) for scale in (1.0, 2.0))
        eps = torch.rand(rows, generator=generator, dtype=torch.float64)
        cases.append(Case(what, (critic, real, fake.requires_grad_(), eps)))
    return cases


def gradient_penalty(critic, real, fake, eps):
    eps = eps.reshape(-1, *[1] * (real.dim() - 1))
    between = (eps * real + (1 - eps) * fake).detach().requires_grad_()
    slope, = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    norm = slope.flatten(1).norm(dim=1)
    return ((norm - 1) ** 2).mean()


def _slope(critic, real, fake, eps, graph=True):
    eps = eps.reshape(-1, *[1] * (real.dim() - 1))
    between = (eps * real + (1 - eps) * fake).detach().requires_grad_()
    return torch.autograd.grad(critic(between).sum(), between, create_graph=graph)[0]


def _over_batch(critic, real, fake, eps):
    return (_slope(critic, real, fake, eps).norm() - 1) ** 2


def _per_channel(critic, real, fake, eps):
    return ((_slope(critic, real, fake, eps).norm(dim=1) - 1) ** 2).mean()


def _squared_norm(critic, real, fake, eps):
    return ((_slope(critic, real, fake, eps).flatten(1).square().sum(1) - 1) ** 2).mean()


def _no_graph(critic, real, fake, eps):
    return ((_slope(critic, real, fake, eps, graph=False).flatten(1).norm(dim=1) - 1) ** 2).mean()


def _one_sided(critic, real, fake, eps):
    return (torch.relu(_slope(critic, real, fake, eps).flatten(1).norm(dim=1) - 1) ** 2).mean()


def _zero_centred(critic, real, fake, eps):
    return (_slope(critic, real, fake, eps).flatten(1).norm(dim=1) ** 2).mean()


def _mean_score(critic, real, fake, eps):
    eps = eps.reshape(-1, *[1] * (real.dim() - 1))
    between = (eps * real + (1 - eps) * fake).detach().requires_grad_()
    slope, = torch.autograd.grad(critic(between).mean(), between, create_graph=True)
    return ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()


def _attached(critic, real, fake, eps):
    eps = eps.reshape(-1, *[1] * (real.dim() - 1))
    between = eps * real + (1 - eps) * fake
    slope, = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()


gradient_penalty_exercise = Code(
    id="gradient_penalty", title="The gradient penalty, bug-free", level="hard",
    prompt=r"Write $\mathbb{E}\,(\lVert\nabla f(\hat x)\rVert - 1)^2$ at $\hat x = \varepsilon x + (1 - \varepsilon) y$, with $x$ real "
           r"and $y$ generated. The $\varepsilon$, one for each sample, are given. Samples may be points (n, d) or pictures "
           "(n, c, h, w). The critic must be able to learn from it, and the generator must not: the samples count as constants.",
    doc="The gradient penalty without its weight, a tensor with one number. critic: samples → scores (n, 1). real, fake: (n, …), one "
        "shape. eps: (n,).",
    needs="import torch", reference=gradient_penalty, inputs=penalty_cases,
    hints=(r"Give `eps` the shape (n, 1, …), so that it multiplies every entry of its own sample.",
           "`torch.autograd.grad(critic(x).sum(), x, create_graph=True)` gives one gradient a sample, and stays differentiable.",
           "One norm per sample, over *all* its entries: flatten everything but the first axis. And detach the mixture before "
           "you ask for its gradient."),
    mistakes=(
        Mistake("one norm over the batch", _over_batch, "You took one norm over the whole batch. Try a linear critic of slope 1: it "
                "should pay nothing, and with yours it pays more the larger the batch is."),
        Mistake("one norm per pixel", _per_channel, "Right for points. For pictures `norm(dim=1)` is a norm over the channels, one for "
                "each pixel. A sample is one point of a space with c·h·w dimensions."),
        Mistake("squared norm", _squared_norm, "You compared the *squared* norm with 1. The minimum is at the same slope, but "
                "the walls are of another shape."),
        Mistake("create_graph forgotten", _no_graph, "The value is right, and the critic learns nothing from it: without "
                "`create_graph=True` the gradient is a plain number that no longer knows the critic's weights."),
        Mistake("one-sided", _one_sided, "You punish only slopes above 1. That is a known variant, with good reasons, but not "
                "the penalty asked for."),
        Mistake("zero-centred", _zero_centred, "That pulls all slopes to 0."),
        Mistake("mean of the scores", _mean_score, "You differentiated the *mean* of the scores: each gradient is then too small by the "
                "number of samples. Differentiate the sum."),
        Mistake("fake not detached", _attached, "The value and the critic's gradient are right. But the mixture still hangs on the "
                "generated samples, so that the penalty would train the generator."),
        Mistake("one ε for the batch", lambda c, r, f, e: gradient_penalty(c, r, f, e[:1].expand(len(e))), r"You used one $\varepsilon$ "
                "for the whole batch. Every step then looks at one slice between the two clouds only."),
        Mistake("real points only", lambda c, r, f, e: gradient_penalty(c, r, f, torch.ones_like(e)), "You looked at the real samples "
                r"only, which is $\varepsilon = 1$. The slope matters *between* the two distributions."),
        Mistake("ends exchanged", lambda c, r, f, e: gradient_penalty(c, r, f, 1 - e), r"You gave $\varepsilon$ to the generated "
                r"samples. With random $\varepsilon$ nobody would notice; here it is given, and belongs to the real ones."),
    ),
    explanation="`ganlib.penalties.gradient_penalty` is the same, with the weight and its own random ε. The linear critic of "
                "Identity 8.5 tells most of these bugs apart.")

critic_wins = Choice(
    id="critic_wins", title="A critic that always wins", level="medium", concept=True,
    prompt="A WGAN-GP's critic scores every real sample above every generated one: as a classifier it would be 99 % accurate, or more. "
           "What follows for the generator?",
    hints=("What was it about a very sure *discriminator* that starved the generator? Has a critic that?",),
    options=(
        Option("its gradient vanishes, so the critic must be trained less often", False, "That is the minimax discriminator: its weight "
               "is its own probability. A critic has no sigmoid that could go flat."),
        Option("its gradient explodes, so the generator's learning rate must be lowered", False, "It would without a bound on the "
               "slope. The penalty keeps the slope near 1, however far apart the scores are."),
        Option("training is over, because the distance between the two has become zero", False, "On the contrary: scores that never "
               "overlap mean that the two differ. How far apart they are, the order of the scores does not tell."),
        Option("nothing bad in itself: at the samples the critic's slope stays near 1", True, "Scores may lie far apart, and the "
               "gradient still has length about 1. A critic is meant to be trained close to its optimum."),
    ),
    explanation="Accuracy is a question about order, and the generator feels slopes. So accuracy tells little about what it learns.")

one_score = Choice(
    id="one_score", title="One score", level="easy", concept=True,
    prompt=r"A critic trained on your data gives a sample the score $f(x) = 3.7$. What does this number alone tell?",
    hints=(r"What happens to the critic's loss if you add 100 to all scores?",),
    options=(
        Option("nothing: add a constant to all scores, and no slope changes", True, "Only differences of scores mean "
               "something, and at slope 1 they are in the unit of the data."),
        Option("the sample is rather real, because the score is above zero", False, "Zero is no threshold. The critic may give all real "
               "samples scores near 50."),
        Option("the sample is at a distance of 3.7 from the real distribution", False, "Distances are differences of scores along a "
               "ray. One score has no second end."),
        Option(r"it is real with probability $\sigma(3.7)$, which is about 0.98", False, "A critic's score is no logit: nothing in its "
               "loss asks for probabilities."),
    ),
    explanation=r"The loss holds $\mathbb{E}_q f - \mathbb{E}_p f$, in which a constant cancels. Some implementations add a small penalty "
                "on the scores to keep them from drifting.")

batch_norm_in_critic = Choice(
    id="batch_norm_in_critic", title="Batch norm in the critic", level="medium", concept=True,
    prompt="Why does batch normalisation not go together with a gradient penalty on the critic?",
    hints=("The penalty speaks of the slope of the score of *one* sample by *this* sample.",),
    options=(
        Option("it makes the critic so smooth that the penalty is always zero", False, "Nothing keeps a critic with batch norm at slope "
               "1. It is what the penalty measures that loses its meaning."),
        Option("its running averages are not updated while the gradient is computed", False, "In training mode they are. And the "
               "penalty does not use them."),
        Option("each score then depends on the whole batch: no slope per sample", True, "Differentiating the sum of the "
               "scores mixes the influence of a sample on all the others into its row."),
        Option("it normalises the scores to mean zero, which hides the distance", False, "It acts on hidden layers; scores of real "
               "and generated samples may still differ as they like."),
    ),
    explanation="The test is one line: change one sample of the batch and see whether the slope at another changes. Layer norm, which "
                "looks at one sample at a time, passes it.")

small_clip = Choice(
    id="small_clip", title="A smaller clipping value", level="medium", concept=True,
    prompt=r"A clipped critic with five hidden layers of 32 units trains badly at $c = 0.1$. Somebody tries $c = 0.01$, to be safe. What "
           "happens to the gradient that reaches the samples?",
    hints=(r"In the worst case a hidden layer multiplies the slope by $cn$. How much is that for the two values?",),
    options=(
        Option("it gets ten times smaller, which a greater learning rate makes up for", False, "Every one of the six layers brings its "
               "own factor of ten."),
        Option("it shrinks by many powers of ten: each layer brings a factor", True, r"Six matrices: up to $10^{-6}$ of "
               "what it was. Adam can hide a constant factor, but the scale of the critic's loss is gone too."),
        Option("it keeps its size, because only the largest weights are clipped", False, r"At $c = 0.01$ clipping cuts nearly all of them: "
               r"they are drawn from about $\pm0.18$."),
        Option("it grows, because a critic that may bend less has to be steeper", False, "Both the bend and the slope are made of the same "
               "weights, and these are ten times smaller now."),
    ),
    explanation="The slope depends on clipping value, width and depth together (Proposition 8.2), which is why one has to search for it.")

loss_as_meter = Choice(
    id="loss_as_meter", title="The loss as a meter", level="easy", concept=True,
    prompt="During a WGAN-GP's training, with a critic kept near its optimum, the estimate falls steadily. What may you conclude about the "
           "generator?",
    hints=("What does the estimate approximate, and how well, if the critic is trained enough?",),
    options=(
        Option("the distance to the data, in absolute terms, is what the estimate says", False, "It has a bias: the penalised critic is too "
               "steep, a network is not every function, and a batch is not the distribution."),
        Option("the critic gets worse, since its own loss is rising all the time", False, "Its loss rises because its task gets harder. "
               r"A critic that got worse would show the same (with $\lambda = 10$ the chapter's did, in part); here that is excluded."),
        Option("this model is better than another one whose estimate is higher", False, "Only if both have the same critic, penalty and "
               "unit of data. Two critics are two meters."),
        Option("it approaches the data, as far as this critic can tell from samples", True, "Within a run, with a critic kept "
               "near its optimum, it follows the Wasserstein distance. That is more than other GAN losses offer."),
    ),
    explanation="As a curve inside one run it is worth looking at. As a number to compare models it is not; for that there are the metrics "
                "of chapter 12.")

no_rest = Choice(
    id="no_rest", title="Does it come to rest?", level="medium", concept=True,
    prompt="A WGAN-GP has reached the data: generated and real samples cannot be told apart. Constant learning rates. What does the pair of "
           "networks do next?",
    hints=("Which slope does the penalty ask for, and which would the critic have at the equilibrium?", "Chapter 5 has this game with one "
           "number a player."),
    options=(
        Option("it stays there: both gradients vanish at the equilibrium", False, "The generator's vanishes where the critic is flat, but "
               "the penalty forbids the critic to be flat."),
        Option("it leaves again, because the penalty wants slope 1 even there", True, r"With slope 1 the critic pushes the samples off again. "
               r"In the Dirac-GAN they then swing about the data, or for $\lambda \ge 1$ stop at a wrong place (Proposition 5.6). A smaller "
               "learning rate changes neither."),
        Option("it runs away, because the critic's scores are not bounded", False, "Scores may drift by a constant, but slopes are held near "
               "1, and so is the push on the samples."),
        Option("it collapses to one mode, because there is nothing left to learn", False, "Nothing pulls the samples together. The motion "
               "around the equilibrium is another matter."),
    ),
    explanation="A one-centred penalty contradicts the equilibrium; a zero-centred one, such as R1, agrees with it (chapters 5 and 9).")

CHAPTER = Chapter(
    "08", "WGAN",
    [linear_penalty, scaled_critic, read_the_log, wgan_losses_exercise, clipped_bound, critical_clipping, norm_over_batch, too_steep,
     penalised_value, gradient_penalty_exercise, critic_wins, one_score, batch_norm_in_critic, small_clip, loss_as_meter, no_rest],
    gate={"numbers": (2, ("linear_penalty", "scaled_critic", "read_the_log", "critical_clipping")),
          "derivation": (2, ("clipped_bound", "norm_over_batch", "too_steep", "penalised_value")),
          "code": (2, ("wgan_losses", "gradient_penalty")),
          "concepts": (4, ("critic_wins", "one_score", "batch_norm_in_critic", "small_clip", "loss_as_meter", "no_rest"))})
