"""Chapter 13, conditional GAN."""

import torch
import torch.nn.functional as F
from torch import nn

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number

pair_probability = Formula(
    id="pair_probability", title="The best judge of pairs", level="easy",
    prompt=r"At a picture $x$ the data have the density $p = p(x)$ and the posterior $a = p(y \mid x)$ of the label that is "
           r"asked about; the generator has $q = q(x)$ and $b = q(y \mid x)$. What is the best $D(x, y)$?",
    hints=(r"$D^*$ compares the densities of the *pair*, $p(x, y)$ and $q(x, y)$.",
           r"$p(x, y) = p(y \mid x)\,p(x)$."),
    symbols={"p": (0.1, 2.0), "q": (0.1, 2.0), "a": (0.1, 0.9), "b": (0.1, 0.9)}, reference="a*p/(a*p + b*q)",
    mistakes=(
        Mistake("labels forgotten", "p/(p + q)", "That is the best judge of pictures. It does not hear the label."),
        Mistake("pictures forgotten", "a/(a + b)", "That answers only *is it this class?*, as if $p(x) = q(x)$."),
        Mistake("product of answers", "a/(a + b)*p/(p + q)", "You multiplied two probabilities. It is the *logits* of "
                "the two questions that add up."),
        Mistake("inverted", "b*q/(a*p + b*q)", "That is the probability that the pair is generated."),
        Mistake("odds", "a*p/(b*q)", "Those are the odds. The probability is odds over one plus odds."),
        Mistake("mean of answers", "(a/(a + b) + p/(p + q))/2", "You averaged two probabilities; the densities of the "
                "pair have to be compared."),
    ),
    explanation=r"Its logit is $\log\frac ab + \log\frac pq$, the two halves of Identity 13.3.")

label_frequencies = Formula(
    id="label_frequencies", title="Labels drawn in another way", level="easy",
    prompt=r"A class makes up the share $s$ of the data. Somebody draws the labels of *generated* samples evenly from the $K$ "
           r"classes. The generator is perfect, $q(x \mid y) = p(x \mid y)$. What does the best discriminator of pairs say of a "
           "pair of this class?",
    hints=(r"$D^* = \frac{p(x, y)}{p(x, y) + q(x, y)}$, and now $q(y) \ne p(y)$.",
           r"$p(x, y) = s\,p(x \mid y)$ and $q(x, y) = \frac1K\,p(x \mid y)$: what is common to both cancels."),
    symbols={"s": (0.05, 0.6), "K": (2.0, 10.0)}, reference="s/(s + 1/K)",
    mistakes=(
        Mistake("one half", "1/2", "So it would be if both kinds had the same labels. Here the label alone gives "
                "something away."),
        Mistake("share itself", "s", "The share says how often the class is seen among *real* samples only."),
        Mistake("inverted", "(1/K)/(s + 1/K)", "That is the probability of *generated*."),
        Mistake("K for 1/K", "s/(s + K)", r"Each label is drawn with probability $\frac1K$."),
        Mistake("odds", "s*K", "Those are the odds of real against generated."),
        Mistake("rest of the classes", "s/(s + 1 - 1/K)", r"The generated pairs of this class have the share $\frac1K$."),
    ),
    explanation=r"The generator is still best at $q(x \mid y) = p(x \mid y)$, but $D$ is never at $\tfrac12$, and its logs "
                "look as if something were wrong. `Conditional` gives the generated samples the labels of the batch.")

two_teachers = Formula(
    id="two_teachers", title="A classifier taught by both", level="easy",
    prompt=r"AC-GAN's classifier learns from as many real as generated samples. At $x$ their densities are $p$ and $q$, and "
           r"their posteriors of a label are $a = p(y \mid x)$ and $b = q(y \mid x)$. What is the best $C(y \mid x)$?",
    hints=("The best answer to a cross-entropy is the share of the label among all samples seen at this point.",
           "Of all samples here, which share is real?"),
    symbols={"p": (0.1, 2.0), "q": (0.1, 2.0), "a": (0.1, 0.9), "b": (0.1, 0.9)}, reference="(a*p + b*q)/(p + q)",
    mistakes=(
        Mistake("real only", "a", "That is what it learns from real samples only."),
        Mistake("plain mean", "(a + b)/2", "Weigh the two posteriors: where there are hardly any real samples, the "
                "generated ones decide."),
        Mistake("weights exchanged", "(a*q + b*p)/(p + q)", "You gave the posterior of the data the weight of the "
                "generated samples."),
        Mistake("judge of pairs", "a*p/(a*p + b*q)", "That is the best *discriminator* of pairs. The classifier does "
                "not say real or generated, it says which label."),
        Mistake("generated only", "b", "That is right only where there are no real samples."),
        Mistake("not normalised", "a*p + b*q", "A share: divide by all samples at this point."),
    ),
    explanation=r"Where the data are absent, $C = b$: the classifier learns the generator's own code, whatever it is.")


def plane_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    return [Case("grey pictures and 4 classes", (draw(5, 1, 3, 2).requires_grad_(), torch.tensor([3, 0, 1, 1, 2]), 4)),
            Case("colour pictures, and a class that does not occur",
                 (draw(4, 3, 2, 2).requires_grad_(), torch.tensor([0, 2, 2, 4]), 5))]


def label_planes(x, labels, classes):
    planes = F.one_hot(labels, classes)[:, :, None, None].to(x.dtype)
    return torch.cat([x, planes.expand(-1, -1, x.shape[2], x.shape[3])], 1)


def _planes(make, order=1):
    def join(x, labels, classes):
        planes = make(x, labels, classes).to(x.dtype).expand(-1, -1, *x.shape[2:])
        return torch.cat([x, planes][::order], 1)

    return join


_hot = lambda x, labels, classes: F.one_hot(labels, classes)[:, :, None, None]

label_planes_exercise = Code(
    id="label_planes", title="A label as planes", level="easy",
    prompt="Join labels to pictures as one constant plane a class, behind the picture's own channels: the plane of "
           "the label is 1, the others are 0.",
    doc="Pictures with their planes, (n, channels + classes, height, width), of x's dtype. x: (n, channels, height, "
        "width). labels: whole numbers (n,). classes: how many there are.",
    needs="import torch\nimport torch.nn.functional as F", reference=label_planes, inputs=plane_cases,
    hints=("`F.one_hot(labels, classes)` has shape (n, classes). Two dimensions are missing.",
           "`.expand` repeats along a dimension of length 1, and `torch.cat(…, 1)` joins channels."),
    mistakes=(
        Mistake("number as plane", _planes(lambda x, y, k: y[:, None, None, None]), "You joined *one* plane that holds "
                "the label's number. Then class 9 is nine times as much as class 1, an order that classes do not have."),
        Mistake("planes first", _planes(_hot, -1), "You joined the planes in front of the picture's channels."),
        Mistake("all but the label", _planes(lambda x, y, k: 1 - _hot(x, y, k)), "Your planes are 0 for the label and 1 "
                "for the others."),
        Mistake("scaled", _planes(lambda x, y, k: 2 * _hot(x, y, k) - 1), "Your planes are −1 and 1. That works as "
                "well as 0 and 1, but asked for are 0 and 1."),
        Mistake("counted from 1", _planes(lambda x, y, k: _hot(x, (y + 1) % k, k)), "Your labels are shifted by one: "
                "class 0 belongs to the first plane."),
        Mistake("picture forgotten", lambda x, y, k: _planes(_hot)(x, y, k)[:, x.shape[1]:], "You returned the planes "
                "without the picture."),
    ),
    explanation="For the convolution that reads it, this is a bias for each class and channel, except at the border "
                "(Identity 13.5).")

class_slope = Formula(
    id="class_slope", title="What the class adds to the slope", level="medium",
    prompt=r"On a line, class $y$ of the data is $N(\mu, s^2)$, and the generator makes $N(\nu, t^2)$ of it. For all other "
           r"classes the widths are the same, $s$ and $t$. In the form $v_y\,x + \beta_y + \psi(x)$ of the best logit, what is "
           r"$v_y$, if $\psi$ holds everything that does not depend on the class? (Write `mu` and `nu`.)",
    hints=(r"Write down $\log p(x \mid y)$ and sort it by powers of $x$.",
           r"$-\frac{(x - \mu)^2}{2s^2}$: which terms depend on $\mu$ and on $x$?"),
    symbols={"mu": (-2.0, 2.0), "nu": (-2.0, 2.0), "s": (0.5, 2.0), "t": (0.5, 2.0)}, reference="mu/s**2 - nu/t**2",
    mistakes=(
        Mistake("widths forgotten", "mu - nu", "You left out the widths: a narrow class has a steep logit."),
        Mistake("one width", "(mu - nu)/s**2", "The generated class has a width of its own."),
        Mistake("not squared", "mu/s - nu/t", "The variance stands in the exponent, not the standard deviation."),
        Mistake("half", "(mu/s**2 - nu/t**2)/2", r"The mixed term of $(x - \mu)^2$ is $-2\mu x$; with the factor $\tfrac12$ "
                "in front, one $\\mu x$ is left."),
        Mistake("turned", "nu/t**2 - mu/s**2", "The logit is the log of *real* over generated."),
        Mistake("quadratic term", "mu/s**2 - nu/t**2 - 1/(2*s**2) + 1/(2*t**2)", r"The terms in $x^2$ are the same for all "
                r"classes here: they belong to $\psi$."),
    ),
    explanation=r"So $\varphi(x) = x$ suffices. With a width for each class $x^2$ would be a second feature.")

ignored_value = Formula(
    id="ignored_value", title="What it costs to ignore the label", level="medium",
    prompt=r"$K$ classes, equally frequent, no two of which overlap. The generator ignores its label and makes samples of the "
           r"whole mixture. Against the best $D(x, y)$, what is the game's value, $\mathbb{E}\log D + \mathbb{E}\log(1 - D)$?",
    hints=(r"Take one label. On its class's region $q(x \mid y) = \frac1K\,p(x \mid y)$. What is $D^*$ there, and what elsewhere?",
           r"$D^* = \frac{K}{K + 1}$ on the region. A share $\frac1K$ of the generated samples lies in it; the others are "
           "seen through, and cost nothing."),
    symbols={"K": (2.0, 12.0)}, reference="log(K/(K + 1)) - log(K + 1)/K",
    mistakes=(
        Mistake("a game won", "-log(4)", r"That is the value against a $D$ that does *not* see the label."),
        Mistake("share forgotten", "log(K/(K + 1)) - log(K + 1)", r"Only the share $\frac1K$ of the generated samples lies "
                "in the region."),
        Mistake("real only", "log(K/(K + 1))", r"The generated samples in the region count as well, with $\log(1 - D)$."),
        Mistake("generated outside", "log(K/(K + 1)) - (1 - 1/K)*log(K + 1)", r"Outside the region $D = 0$, and "
                r"$\log(1 - 0) = 0$. The cost is *inside*."),
        Mistake("nothing", "0", "So it would be if none of the generated samples were right."),
        Mistake("sign", "-log(K/(K + 1)) + log(K + 1)/K", "That is what the discriminator *minimises*, the negative."),
    ),
    explanation=r"For $K = 2$ it is about $-0.95$, between $-\log 4$ and 0; for many classes it goes to 0. The more classes, the "
                "more it costs not to listen.")

sorting_saves = Formula(
    id="sorting_saves", title="What sorting saves", level="medium",
    prompt=r"Two classes, equally frequent. A share $s$ of the data is ambiguous: half of it has the posterior $a > \tfrac12$ "
           r"for class 0 and $1 - a$ for class 1, the other half the reverse. All other data are certain. AC-GAN's classifier is "
           "$p(y \\mid x)$. By how much does the class loss fall if the generator gives every ambiguous sample the likelier "
           "label, instead of imitating the data?",
    hints=(r"The data pay $-\log a$ with probability $a$ and $-\log(1 - a)$ with probability $1 - a$, on the share $s$.",
           r"Sorted, it pays $-\log a$ always. Subtract."),
    symbols={"s": (0.1, 0.9), "a": (0.55, 0.95)}, reference="s*(1 - a)*log(a/(1 - a))",
    mistakes=(
        Mistake("entropy", "-s*(a*log(a) + (1 - a)*log(1 - a))", "That is what the data pay. The sorted samples still pay "
                r"$-\log a$ each."),
        Mistake("sorted price", "-s*log(a)", "That is what the sorted ones pay. How much more do the data?"),
        Mistake("share forgotten", "(1 - a)*log(a/(1 - a))", "Only the ambiguous share of the samples is concerned."),
        Mistake("all relabelled", "s*log(a/(1 - a))", r"Only the share $1 - a$ of the ambiguous samples gets another label."),
        Mistake("wrong labels cost", "-s*(1 - a)*log(1 - a)", r"Relabelled, a sample pays $-\log a$ in the place of "
                r"$-\log(1 - a)$, not nothing."),
        Mistake("other share", "s*a*log(a/(1 - a))", r"It is the share $1 - a$ with the *less* likely label that changes."),
    ),
    explanation="It is positive for every ambiguous share: imitating the data is never the cheapest.")

coverage_mix = Number(
    id="coverage_mix", title="Good on the whole, bad within", level="medium",
    prompt="A generator with 10 classes, all asked for equally often, makes perfect samples of $k$ of them. Asked for "
           "one of the other classes it makes samples of the $k$ good classes, $m$ per cent of the time evenly mixed, and "
           "otherwise nothing recognisable, which the judge counts as wrong. What is its label accuracy, as a share from "
           "0 to 1, if the judge never errs?",
    hints=("What does it answer when it is asked for one of the good classes?",
           "A sample of a class that was not asked for is wrong, however good it looks."),
    reference="k/10", draw={"k": (3, 4, 6, 7, 8), "m": (20, 30, 50, 60)},
    mistakes=(
        Mistake("good pictures count", "k/10 + (1 - k/10)*m/100", "You counted good pictures of the wrong class. Label "
                "accuracy asks for the class that was *wanted*."),
        Mistake("share lost", "1 - k/10", "That is the share of labels that it gets wrong."),
        Mistake("per good class", "1/k", "Asked for a good class, it answers rightly, always."),
        Mistake("mixing weighted", "k/10*m/100", "The mixing happens for the *other* labels."),
    ),
    explanation="Overall measures may look fine, because the pictures are mostly real-looking. Ask class by class.")


def projection_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()
    return [Case("4 classes", (draw(6, 3), torch.tensor([3, 0, 1, 1, 2, 3]), draw(3), draw(4, 3))),
            Case("as many samples as classes and features", (draw(3, 3), torch.tensor([2, 0, 0]), draw(3), draw(3, 3)))]


def projection_logit(phi, labels, psi, V):
    return (phi * (psi + V[labels])).sum(1, keepdim=True)


projection_exercise = Code(
    id="projection_logit", title="The projection", level="medium",
    prompt=r"Write the logit of a projection discriminator from the features: $l = \psi\cdot\varphi + V_y\cdot\varphi$, "
           "without biases.",
    doc="Logits, (n, 1). phi: features (n, f). labels: whole numbers (n,). psi: (f,). V: one row a class, (classes, f).",
    needs="import torch", reference=projection_logit, inputs=projection_cases,
    hints=("`V[labels]` is one row a sample, (n, f).",
           "An inner product for each sample: multiply entry by entry and add up over the features."),
    mistakes=(
        Mistake("all pairs", lambda phi, y, psi, V: (phi @ (psi + V[y]).T).sum(1, keepdim=True),
                "You multiplied every sample's features with every *other* sample's label vector, too. One inner product "
                "a sample."),
        Mistake("psi forgotten", lambda phi, y, psi, V: (phi * V[y]).sum(1, keepdim=True),
                r"You left out $\psi\cdot\varphi$, the half that asks *is it real?*"),
        Mistake("label forgotten", lambda phi, y, psi, V: phi @ psi[:, None], "The label does not occur."),
        Mistake("mean", lambda phi, y, psi, V: (phi * (psi + V[y])).mean(1, keepdim=True),
                "An inner product is a sum over the features, not a mean."),
        Mistake("all classes", lambda phi, y, psi, V: phi @ psi[:, None] + (phi @ V.T).sum(1, keepdim=True),
                "You added the rows of all classes. Only that of the label counts."),
        Mistake("bias of the label", lambda phi, y, psi, V: phi @ psi[:, None] + V[y].sum(1, keepdim=True),
                "You added a number of the label without the features: its gradient by $x$ does not depend on $y$, and the "
                "generator learns nothing about classes (Proposition 13.6)."),
        Mistake("log-softmax", lambda phi, y, psi, V: phi @ psi[:, None]
                + (phi @ V.T).log_softmax(1).gather(1, y[:, None]),
                r"You normalised over the classes. The normalising term does not depend on $y$; $\psi$ takes care of it."),
    ),
    explanation="The same parameters as AC-GAN's two heads, read in another way.")

ratio_between = Formula(
    id="ratio_between", title="How empty is it between the classes?", level="hard",
    prompt=r"AC-GAN's optimum (Theorem 13.8) for two classes that mirror each other, so $a_0 = a_1$. Where the class is "
           r"certain, the generator puts $r$ times the density of the data. What is $q(x)/p(x)$ at a point whose likelier class "
           r"has the posterior $m$? The weight of the class loss is $w$.",
    hints=(r"$\frac qp = \frac t{1 - t}$ with $t = a\,m^w$. Where the class is certain, $m = 1$.",
           r"There $r = \frac a{1 - a}$, so $a = \frac r{1 + r}$.",
           r"Put $t = \frac r{1 + r}\,m^w$ into $\frac t{1 - t}$."),
    symbols={"r": (1.01, 2.0), "m": (0.5, 0.99), "w": (0.2, 3.0)}, reference="r*m**w/(1 + r - r*m**w)",
    mistakes=(
        Mistake("scaled only", "r*m**w", r"You scaled the ratio. It is $t$ that is scaled by $m^w$, and the ratio is "
                r"$\frac t{1 - t}$."),
        Mistake("t itself", "r/(1 + r)*m**w", r"That is $t = 1 - D^*$. The ratio is $\frac t{1 - t}$."),
        Mistake("r as a", "r*m**w/(1 - r*m**w)", r"You took $r$ for $a$. Where the class is certain, $\frac qp = \frac a{1 - a}$."),
        Mistake("discriminator", "(1 + r - r*m**w)/(1 + r)", r"That is $D^*$ at this point."),
        Mistake("weight as factor", "r*w*m/(1 + r - r*w*m)", r"The weight is an exponent of the posterior: it multiplies its "
                "logarithm."),
        Mistake("weight forgotten", "r*m/(1 + r - r*m)", r"That is right for $w = 1$."),
        Mistake("inverted", "(1 + r - r*m**w)/(r*m**w)", r"That is $\frac pq$."),
    ),
    explanation=r"For $r \approx 1$ and $m = \tfrac12$, $w = 1$ it is about a third: the generator avoids what is hard to classify.")


class _Heads(nn.Module):
    """A logit and a classifier on one hidden layer."""

    def __init__(self, inputs: int, classes: int):
        super().__init__()
        self.body, self.logit, self.classes = nn.Linear(inputs, 7), nn.Linear(7, 1), nn.Linear(7, classes)

    def forward(self, x):
        hidden = torch.tanh(self.body(x))
        return self.logit(hidden), self.classes(hidden)


def ac_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    cases = []
    for what, rows, classes, weight in (("3 classes", 6, 3, 0.7), ("5 classes and a large weight", 8, 5, 2.5)):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            heads = _Heads(2, classes).double()
        labels = torch.randint(classes, (rows,), generator=generator)
        cases.append(Case(what, (heads, 2 * draw(rows, 2), (2 * draw(rows, 2)).requires_grad_(), labels, weight)))
    return cases


def ac_losses(discriminator, real, fake, labels, weight):
    real_logits, real_classes = discriminator(real)
    fake_logits, fake_classes = discriminator(fake.detach())
    d_loss = F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean() + weight * (
        F.cross_entropy(real_classes, labels) + F.cross_entropy(fake_classes, labels))
    fake_logits, fake_classes = discriminator(fake)
    g_loss = F.softplus(-fake_logits).mean() + weight * F.cross_entropy(fake_classes, labels)
    return d_loss, g_loss


def _ac(cross=F.cross_entropy, cut=torch.detach, of_fake=1.0, sign=1.0, scaled=True, saturating=False, g_cut=None):
    def both(discriminator, real, fake, labels, weight):
        weight = weight if scaled else 1.0
        (a, b), (c, d) = discriminator(real), discriminator(cut(fake))
        d_loss = F.softplus(-a).mean() + F.softplus(c).mean() + weight * (cross(b, labels) + of_fake * cross(d, labels))
        c, d = discriminator(fake if g_cut is None else g_cut(fake))
        g_loss = -F.softplus(c).mean() if saturating else F.softplus(-c).mean()
        return d_loss, g_loss + sign * weight * cross(d, labels)

    return both


ac_losses_exercise = Code(
    id="ac_losses", title="AC-GAN's two losses", level="hard",
    prompt="Write the losses of both players of AC-GAN. `discriminator(x)` gives a pair: logits $(n, 1)$ and class logits "
           r"$(n, K)$. The adversarial part is the non-saturating one, softplus of the logits. $\lambda$ is `weight`. The "
           "classifier learns from real *and* generated samples, as in the paper, and the discriminator's loss must not train the "
           "generator.",
    doc="Loss of the discriminator and loss of the generator, each a tensor with one number. discriminator: a network. real: "
        "(n, d). fake: (n, d), generated for the same labels. labels: whole numbers (n,). weight: a number.",
    needs="import torch\nimport torch.nn.functional as F", reference=ac_losses, inputs=ac_cases,
    hints=("Which samples does the classifier see in the discriminator's loss, and which in the generator's?",
           "`F.cross_entropy` takes class *logits* and whole-number labels. Both players minimise it: they agree about it.",
           "`discriminator(fake.detach())` for the one, `discriminator(fake)` for the other."),
    mistakes=(
        Mistake("softmax first", _ac(cross=lambda c, y: F.cross_entropy(c.softmax(1), y)), "`F.cross_entropy` takes logits "
                "and normalises them itself. After a softmax of yours it cannot come near 0."),
        Mistake("generator against it", _ac(sign=-1.0), "Your generator *maximises* the class loss. In AC-GAN both players "
                "want the class to be recognised."),
        Mistake("not detached", _ac(cut=lambda x: x), "The values are right, but the discriminator's loss trains the "
                "generator as well."),
        Mistake("taught by real only", _ac(of_fake=0.0), "Your classifier learns from real samples only. There is much to be "
                "said for it, as the chapter shows, but the paper's learns from both."),
        Mistake("weight forgotten", _ac(scaled=False), r"The class losses are to be multiplied by $\lambda$, in both "
                "players' losses."),
        Mistake("generator without it", _ac(sign=0.0), "Your generator is not paid for the class. Then nothing makes it "
                "listen: the logit does not see the label."),
        Mistake("saturating", _ac(saturating=True), "The generator's adversarial loss should be the non-saturating one."),
        Mistake("gradient cut", _ac(g_cut=torch.detach), "The values are right, but no gradient reaches the generated samples."),
    ),
    explanation=r"`AuxiliaryClassifier(…, weight=λ)` is this game. It sorts overlapping classes (Theorem 13.7).")

better_than_real = Choice(
    id="better_than_real", title="Better than real", level="easy", concept=True,
    prompt="An independent classifier recognises the wanted class in 99 % of a conditional generator's samples, and in 90 % of "
           "held-out real pictures. What do you conclude?",
    hints=("Which samples does the classifier get wrong among the real ones?",),
    options=(
        Option("the generator avoids what is hard to classify: its classes are not those of the data", True,
               "A generator that imitated the data would be recognised in about 90 %, too."),
        Option("the generator is better than the data, and nothing is left to do", False, "The task is to imitate the data, "
               "difficult pictures included."),
        Option("the classifier has learned the generator's samples", False, "It is independent: it has never seen any."),
        Option("it is the generator's label accuracy as it should be, 100 % minus a little noise", False,
               "The measure of a perfect generator is what *real* pictures get, not 100 %."),
    ),
    explanation="Put the row of real pictures into every table. It is the floor of a distance, and the goal of an accuracy.")

too_late_choice = Choice(
    id="too_late", title="Where to join the label", level="medium", concept=True,
    prompt="A discriminator computes features of the picture, joins the one-hot label to them and ends with *one* linear layer. "
           "What can its generator learn about classes?",
    hints=(r"Write the logit as a function of $x$ and $y$. What is its gradient by $x$?",),
    options=(
        Option("nothing", True, r"$l = f(x) + b_y$: the gradient by $x$ is the same for all labels. If the mixture is right, the "
               "best such discriminator is constant."),
        Option("everything, for the label reaches the logit", False, "It reaches it as a number that is added. No picture fits "
               "a label better or worse for it."),
        Option("everything, but more slowly than with an early join", False, "However long it trains, the label shifts all "
               "logits of a class together."),
        Option("the frequencies of the classes among its own labels", False, "Its labels are given to it. It has no say in "
               "their frequencies."),
    ),
    explanation="One hidden layer after the join, or a product of label vector and features, mends it.")

silent_loss = Choice(
    id="silent_loss", title="Losses that look fine", level="easy", concept=True,
    prompt="Both losses of your conditional GAN look as in the textbook, the samples look good, and each label gives pictures of "
           "all classes. What is the first thing to check?",
    hints=("Who would have to complain about a wrong class?",),
    options=(
        Option("whether the discriminator gets the labels at all", True, "A discriminator that does not see them never complains "
               "(Proposition 13.2), and the losses are those of a good game."),
        Option("whether the generator has enough parameters", False, "It makes good pictures of all classes already."),
        Option("whether the latents have enough dimensions", False, "The latents have nothing to do with the label."),
        Option("whether the learning rates are balanced", False, "The game is balanced: both losses look fine."),
    ),
    explanation="And measure label accuracy from the first run on. No loss of an unconditional judge can show it.")

one_class_batch = Choice(
    id="one_class_batch", title="A batch of one class", level="medium", concept=True,
    prompt="A conditional generator with batch norm makes good samples in mixed batches. Asked for 64 samples of class 3 "
           "*in training mode*, it makes bad ones. Why?",
    hints=("Whose mean and variance does batch norm use in training mode?",),
    options=(
        Option("batch norm uses the statistics of the batch, and those of one class are others than those of the mixture", True,
               "In training it has only met mixtures. In eval mode it uses its running averages, whatever the batch."),
        Option("64 samples are too few for batch norm", False, "64 mixed samples are fine."),
        Option("class 3 is rarer in the data than the others", False, "In mixed batches its samples are good."),
        Option("in training mode the embedding of the label is drawn anew", False, "The embedding is a parameter like others."),
    ),
    explanation="`game.average.eval()` before you ask for one class.")

equal_rows = Choice(
    id="equal_rows", title="One network, two readings", level="medium", concept=True,
    prompt=r"A network ends in $1 + K$ outputs $h_0, \dots, h_K$. Which of these readings give the generator a game that is won "
           "at the data's own classes, even where they overlap? (All that are right.)",
    hints=("Which logit compares pairs of the data with pairs of the generator?",),
    options=(
        Option(r"$h_0 + h_{1 + y}$ as the logit of the pair, both players' losses on it alone", True,
               r"That is a projection, with $1 + K$ features or fewer. With $K - 1$ features it is any function of $x$ and $y$."),
        Option(r"$h_0$ as the logit, and the cross-entropy of $h_1, \dots, h_K$ added to both losses", False,
               "That is AC-GAN: it pays for samples that are easy to classify."),
        Option(r"$h_{1 + y}$ alone as the logit of the pair", True, r"One discriminator a class, on common features. It is the "
               r"projection with $h_0$ absorbed."),
        Option(r"$h_0$ alone as the logit", False, "Then nobody asks for the label."),
    ),
    explanation="What is learned depends on what is compared, not on the architecture.")

CHAPTER = Chapter(
    "13", "Conditional GAN",
    [pair_probability, label_frequencies, two_teachers, label_planes_exercise, class_slope, ignored_value, sorting_saves,
     coverage_mix, projection_exercise, ratio_between, ac_losses_exercise, better_than_real, silent_loss, too_late_choice,
     one_class_batch, equal_rows],
    gate={"first steps": (2, ("pair_probability", "label_frequencies", "two_teachers")),
          "derivation": (3, ("class_slope", "ignored_value", "sorting_saves", "coverage_mix", "ratio_between")),
          "code": (2, ("label_planes", "projection_logit", "ac_losses")),
          "concepts": (3, ("better_than_real", "silent_loss", "too_late", "one_class_batch", "equal_rows"))})
