"""Chapter 16, CycleGAN."""

import torch
from torch import nn

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number


def _stream(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _normal(stream: torch.Generator, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=stream, dtype=torch.float64)


class _Translator(nn.Module):
    """Two layers, tanh between them: points (n, 2) to points (n, 2)."""

    def __init__(self, outputs: int = 2):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, outputs)).double()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


def _networks(seed: int, judges: bool = False) -> tuple[nn.Module, ...]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return tuple(_Translator(outputs) for outputs in ((2, 2, 1, 1) if judges else (2, 2)))


come_back = Number(
    id="come_back", title="How many come back", level="easy",
    prompt="The first domain has $n$ equally likely pictures, the second has only $m$. At best, which share of the first "
           "domain's pictures can come back from $F(G(a))$ as they were?",
    hints=("How many different values can $F(G(a))$ take?", "Each of these values is right for one picture at most."),
    reference="m/n", draw={"n": (20, 25, 30, 40, 50), "m": (4, 6, 8, 9, 12)},
    mistakes=(
        Mistake("those that are too many", "(n - m)/n", "That is the share that must get lost."),
        Mistake("one", "1/n", "You let all pictures go to one and the same. More can be kept apart."),
        Mistake("turned round", "n/m", "A share is at most 1."),
        Mistake("all of them", "1", "Two pictures that become the same one cannot both come back from it."),
        Mistake("the domains together", "m/(n + m)", "You divided by all pictures of both domains. The question is about "
                "those of the first."),
    ),
    explanation="With pictures there is room to cheat: what has no place in the second domain can be written between the "
                "lines.")

paper_weight = Formula(
    id="paper_weight", title="The weight of another book", level="easy",
    prompt=r"In one code base the generators minimise $\mathbb{E}(D - 1)^2 + L \cdot \text{cycle}$, in another one "
           r"$\tfrac w2\,\mathbb{E}(D - 1)^2 + c \cdot \text{cycle}$. For which $c$ do both ask for the same, up to a common "
           "factor?",
    hints=("Make the first terms equal: by which factor has the first loss to be multiplied?",
           r"By $\tfrac w2$. What becomes of $L$?"),
    symbols={"L": (1.0, 20.0), "w": (0.3, 3.0)}, reference="L*w/2",
    mistakes=(
        Mistake("the half turned round", "2*L/w", "You divided $L$ by the factor instead of multiplying it."),
        Mistake("half forgotten", "L*w", r"You left out the $\tfrac12$ before the square."),
        Mistake("weight forgotten", "L/2", "You left out $w$."),
        Mistake("as it is", "L", "The first terms differ by a factor, and only their ratio to the cycle counts."),
        Mistake("doubled", "2*L*w", "The factor is half of $w$, not twice."),
    ),
    explanation=r"The paper's $\lambda = 10$ is 5 in this book, whose least-squares loss has a factor $\tfrac12$.")

late = Number(
    id="late", title="Yesterday's pictures", level="easy",
    prompt="A pool of $S$ pictures is full. Each step brings $B$ new ones; a new picture is shown as it is with "
           r"probability $\tfrac12$, else it changes places with a random one of the pool, which is shown. From the "
           "moment it comes, how many *steps* does a picture wait on average until it is shown?",
    hints=(r"A stored picture leaves at each arrival with probability $\tfrac1{2S}$.",
           "Half of the pictures do not wait at all. The result is in pictures; how many of them make a step?"),
    reference="S/B", draw={"S": (40, 50, 60, 80, 100, 200), "B": (2, 4, 5, 8, 16)},
    mistakes=(
        Mistake("only those stored", "2*S/B", "That is the wait of a picture that is stored. Half of them are shown at "
                "once."),
        Mistake("exchange always", "S/(2*B)", "You let a stored picture leave as if every arrival were an exchange, and "
                "then halved once more."),
        Mistake("per batch", "S*B", "A larger batch makes the pool turn over *faster*."),
        Mistake("a quarter", "S/(4*B)", "You halved too often."),
        Mistake("inverse", "B/S", "You have steps and pictures the wrong way round."),
    ),
    explanation="With 50 pictures and a batch of 4 it is 12.5 steps. With a batch of 50 it is one step: hardly a memory.")


def cycle_loss(G, F, a, b):
    there = (F(G(a)) - a).abs().mean()
    back = (G(F(b)) - b).abs().mean()
    return there + back


def cycle_cases(seed: int) -> list[Case]:
    stream = _stream(seed)
    return [Case("as many of each", (*_networks(seed), _normal(stream, 7, 2), _normal(stream, 7, 2))),
            Case("three of a, nine of b", (*_networks(seed + 50), _normal(stream, 3, 2), 3 * _normal(stream, 9, 2)))]


def _cycle(distance=torch.abs, whole=torch.mean, cut=lambda x: x, second=True, first=True):
    def loss(G, F, a, b):
        return (first * whole(distance(F(cut(G(a))) - a)) + second * whole(distance(G(cut(F(b))) - b)))

    return loss


cycle_loss_exercise = Code(
    id="cycle_loss", title="There and back", level="easy",
    prompt=r"Write the cycle loss: the mean absolute difference of $F(G(a))$ and $a$, plus that of $G(F(b))$ and $b$.",
    doc="The loss, a tensor with one number. G, F: networks from a to b and from b to a. a: (n, 2). b: (m, 2).",
    needs="import torch", reference=cycle_loss, inputs=cycle_cases,
    hints=("Two terms, one for each domain.", "`.abs().mean()` over all entries; both networks learn from both terms."),
    mistakes=(
        Mistake("squares", _cycle(distance=torch.square), "You took the squared difference. The cycle loss is an "
                "absolute one."),
        Mistake("one half", _cycle(second=False), "The way from $b$ over $a$ back to $b$ is missing."),
        Mistake("other half", _cycle(first=False), "The way from $a$ over $b$ back to $a$ is missing."),
        Mistake("a sum", _cycle(whole=torch.sum), "You added up all entries. Then the weight would depend on batch and "
                "size."),
        Mistake("detached", _cycle(cut=torch.detach), "The values are right, but only the *second* network of each way "
                "learns: the translation is detached on the way."),
        Mistake("the wrong network first", lambda G, F, a, b: (G(F(a)) - a).abs().mean() + (F(G(b)) - b).abs().mean(),
                "You sent each picture through the other domain's translator first."),
    ),
    explanation="It contains no picture of the other domain: the cycle alone does not know what a pullover is.")

linear_cycle = Formula(
    id="linear_cycle", title="Two stretchings", level="medium",
    prompt=r"Both domains hold numbers, $G(a) = g\,a$ and $F(b) = f\,b$ with $0 \lt f g \lt 1$. The mean of "
           r"$\lvert a\rvert$ is $s$, that of $\lvert b\rvert$ is $t$. What is the cycle loss, "
           r"$\mathbb{E}\lvert F(G(a)) - a\rvert + \mathbb{E}\lvert G(F(b)) - b\rvert$?",
    hints=(r"$F(G(a)) = f g\,a$, and $G(F(b))$ is the same multiple of $b$.",
           r"$\lvert f g - 1\rvert = 1 - f g$ here."),
    symbols={"f": (0.1, 0.95), "g": (0.1, 0.95), "s": (0.2, 3.0), "t": (0.2, 3.0)}, reference="(1 - f*g)*(s + t)",
    mistakes=(
        Mistake("one way", "(1 - f*g)*s", "The way from $b$ and back is missing."),
        Mistake("each by its own", "(1 - g)*s + (1 - f)*t", "You compared a picture with its *translation*. The cycle "
                "compares it with what comes back."),
        Mistake("sign", "(f*g - 1)*(s + t)", "This is negative. An absolute value is not."),
        Mistake("squares", "(1 - f*g)**2*(s**2 + t**2)", "You squared. (And the mean of a square is not the square of "
                "the mean.)"),
        Mistake("mean of both", "(1 - f*g)*(s + t)/2", "You took the mean of the two ways; the loss is their sum."),
    ),
    explanation=r"It is 0 for every $g$ with $f = 1/g$. The cycle does not say how long $b$ should be: that is for the "
                "judges.")

still_there = Formula(
    id="still_there", title="Still in the pool?", level="medium",
    prompt="A pool of $S$ pictures is full. Each new picture is passed on with probability $\\tfrac12$; otherwise it takes "
           "the place of a random one. With what probability is a picture that was just stored still in the pool after "
           "$k$ further pictures have come?",
    hints=("With what probability does *one* new picture push it out?",
           r"$\tfrac12 \cdot \tfrac1S$; it has to survive $k$ such chances in a row."),
    symbols={"S": (2.0, 50.0), "k": (2.0, 60.0)}, reference="(1 - 1/(2*S))**k",
    mistakes=(
        Mistake("coin forgotten", "(1 - 1/S)**k", "You let every new picture go into the pool. Half of them are passed "
                "on."),
        Mistake("pushed out", "1 - (1 - 1/(2*S))**k", "That is the probability that it is gone."),
        Mistake("added up", "1 - k/(2*S)", "You added the chances up. That is only right for few pictures, and becomes "
                "negative for many."),
        Mistake("only one chance", "1 - 1/(2*S)", "That is for one further picture."),
        Mistake("coin only", "(1/2)**k", "You left out that the place is drawn, too: most exchanges hit another picture."),
    ),
    explanation=r"For $S = 50$ and $k = 100$ it is 0.37: a memory with a long tail.")

other_back = Formula(
    id="other_back", title="The other translator back", level="medium",
    prompt=r"Numbers $a$ are distributed symmetrically about $m$, so $T(a) = 2m - a$ is a relabelling. From $G(a)$ and "
           r"$F(b) = f\,b + d$ a second pair with the same losses is made, $G' = G \circ T$. What is its $F'(b)$?",
    hints=("The second way back has to undo the second way there.", r"$F' = T^{-1} \circ F$, and $T$ is its own inverse."),
    symbols={"m": (-2.0, 2.0), "f": (0.3, 3.0), "b": (-2.0, 2.0), "d": (0.1, 2.0)}, reference="2*m - f*b - d",
    mistakes=(
        Mistake("T first", "f*(2*m - b) + d", "You applied $T$ *before* $F$. But $T$ acts on the first domain, and $b$ is "
                "of the second."),
        Mistake("unchanged", "f*b + d", "With $F$ as it was, $F(G'(a))$ is $T(a)$: every picture would come back "
                "relabelled."),
        Mistake("sign only", "-f*b - d", r"You mirrored at 0. The distribution is symmetric about $m$."),
        Mistake("mirrored once", "m - f*b - d", "Mirroring at $m$ takes every number as far to the other side: the sum of "
                "both is twice $m$."),
        Mistake("offset not mirrored", "2*m - f*b + d", "You mirrored $f b$ alone. All of $F(b)$ is mirrored."),
    ),
    explanation="Since it mirrors and keeps distances, even losses that are not 0 stay exactly what they were.")


def relabelling(G, H):
    back = torch.argsort(G)
    return back[H]


def relabelling_cases(seed: int) -> list[Case]:
    stream = _stream(seed)

    def two(n):
        return torch.randperm(n, generator=stream), torch.randperm(n, generator=stream)

    return [Case("seven pictures", two(7)), Case("twelve pictures", two(12)), Case("nine pictures", two(9))]


relabelling_exercise = Code(
    id="relabelling", title="From one solution to the other", level="medium",
    prompt="Two perfect translators of $n$ pictures are given as permutations: `G[a]` is the picture that $a$ becomes. Find "
           "the relabelling $T$ that makes the second, `H`, from the first: `H[a] == G[T[a]]` for all $a$.",
    doc="T, whole numbers (n,). G, H: permutations of 0 … n - 1, (n,).",
    needs="import torch", reference=relabelling, inputs=relabelling_cases,
    hints=(r"$H = G \circ T$ means $T = G^{-1} \circ H$.", "`torch.argsort` of a permutation is its inverse."),
    mistakes=(
        Mistake("not inverted", lambda G, H: G[H], r"That is $G \circ H$. $G$ has to be undone."),
        Mistake("the other way", lambda G, H: torch.argsort(H)[G], "That makes the first from the second: it is the "
                "inverse of what you want."),
        Mistake("the wrong order", lambda G, H: H[torch.argsort(G)], "You undid $G$ first and then applied $H$. That is "
                "a relabelling of the *second* domain."),
        Mistake("the wrong one inverted", lambda G, H: G[torch.argsort(H)], "You inverted $H$ instead of $G$."),
        Mistake("the second itself", lambda G, H: H, "That is right only if the first translator changes nothing."),
    ),
    explanation="There is exactly one. So a set of $n$ pictures has as many perfect translators as relabellings.")


def pool(stored, new, coins, places):
    stored, shown = stored.clone(), new.clone()
    for i, place in enumerate(places.tolist()):
        if coins[i] >= 0.5:
            shown[i] = stored[place]
            stored[place] = new[i]
    return shown, stored


def pool_cases(seed: int) -> list[Case]:
    stream = _stream(seed)

    def case(what, size, n, places=None):
        drawn = torch.randint(size, (n,), generator=stream) if places is None else torch.tensor(places)
        coins = torch.rand(n, generator=stream, dtype=torch.float64)
        coins[:2] = torch.tensor([0.9, 0.8])
        return Case(what, (_normal(stream, size, 2), _normal(stream, n, 2), coins, drawn))

    return [case("a pool of six, five new pictures", 6, 5), case("more new pictures than stored ones", 3, 9),
            case("a place drawn twice in one batch", 4, 4, [2, 2, 0, 2])]


def _pooled(exchange=lambda coin: coin >= 0.5, keep=True, show=True, at_once=False):
    def function(stored, new, coins, places):
        before, stored, shown = stored.clone(), stored.clone(), new.clone()
        for i, place in enumerate(places.tolist()):
            if exchange(coins[i]):
                if show:
                    shown[i] = (before if at_once else stored)[place]
                if keep:
                    stored[place] = new[i]
        return shown, stored

    return function


pool_exercise = Code(
    id="pool", title="The image pool", level="hard",
    prompt="A full pool gets a batch of new pictures, one after the other. If the coin of picture $i$ is at least "
           r"$\tfrac12$, it changes places with the stored one at `places[i]`, and that one is shown; else it is shown "
           "itself. Return what is shown and what is stored afterwards. Leave the arguments as they are.",
    doc="What is shown, (n, d), and what is stored afterwards, (S, d). stored: (S, d). new: (n, d). coins: (n,) in [0, 1). "
        "places: whole numbers 0 … S - 1, (n,).",
    needs="import torch", reference=pool, inputs=pool_cases,
    hints=("One after the other: a picture of this batch may be pushed out by a later one of the same batch.",
           "Read the stored picture before you write over it, and begin with clones."),
    mistakes=(
        Mistake("coin turned", _pooled(exchange=lambda coin: coin < 0.5), "You exchange where the coin says to pass on."),
        Mistake("always exchanged", _pooled(exchange=lambda coin: True), "You exchange every picture. Then the "
                "discriminator sees only old ones."),
        Mistake("nothing kept", _pooled(keep=False), "Old pictures are shown, but the new ones are never stored: the pool "
                "stays what it was for ever."),
        Mistake("nothing old shown", _pooled(show=False), "New pictures are stored, but the discriminator sees none of the "
                "stored ones."),
        Mistake("all at once", _pooled(at_once=True), "Right unless a place is drawn twice in a batch: then the first "
                "newcomer is lost and the old picture shown twice. Go one by one."),
    ),
    explanation="Nothing is lost and nothing doubled: each picture is shown exactly once, if it does not stay in the pool.")


def generator_loss(G, F, D_a, D_b, a, b, weight):
    fake_b, fake_a = G(a), F(b)
    fooled = ((D_b(fake_b) - 1) ** 2).mean() / 2 + ((D_a(fake_a) - 1) ** 2).mean() / 2
    cycle = (F(fake_b) - a).abs().mean() + (G(fake_a) - b).abs().mean()
    return fooled + weight * cycle


def generator_cases(seed: int) -> list[Case]:
    stream = _stream(seed)
    return [Case("weight 5", (*_networks(seed, True), _normal(stream, 6, 2), _normal(stream, 6, 2), 5.0)),
            Case("weight 0.3", (*_networks(seed + 50, True), _normal(stream, 4, 2), 2 * _normal(stream, 8, 2), 0.3))]


def _generator(crossed=False, target=1.0, half=2.0, ahead=lambda x: x, both=True, identity=False, weighted="cycle"):
    def loss(G, F, D_a, D_b, a, b, weight):
        fake_b, fake_a = ahead(G(a)), ahead(F(b))
        D_1, D_2 = (D_a, D_b) if crossed else (D_b, D_a)
        fooled = ((D_1(fake_b) - target) ** 2).mean() / half + both * ((D_2(fake_a) - target) ** 2).mean() / half
        if identity:
            fake_b, fake_a = a, b
        cycle = (F(fake_b) - a).abs().mean() + (G(fake_a) - b).abs().mean()
        return weight * fooled + cycle if weighted == "judges" else fooled + weight * cycle

    return loss


generator_loss_exercise = Code(
    id="generator_loss", title="What both translators minimise", level="hard",
    prompt=r"Write the loss of both translators of a CycleGAN: $\tfrac12\mathbb{E}(D_b(G(a)) - 1)^2 + "
           r"\tfrac12\mathbb{E}(D_a(F(b)) - 1)^2$ plus `weight` times the cycle loss (mean absolute differences, the sum of "
           "both ways).",
    doc="The loss, a tensor with one number. G, F: translators a to b and b to a. D_a, D_b: judges of each domain. a: (n, "
        "2). b: (m, 2). weight: a number.",
    needs="import torch", reference=generator_loss, inputs=generator_cases,
    hints=("Translate once, and use the translations twice: for the judge and for the way back.",
           "$D_b$ judges what looks like $b$, and that is $G(a)$."),
    mistakes=(
        Mistake("judges crossed", _generator(crossed=True), "Each translation went to the judge of the domain it came "
                "*from*."),
        Mistake("target 0", _generator(target=0.0), "With the target 0 the translators try to be found out. That is the "
                "discriminators' half."),
        Mistake("half forgotten", _generator(half=1.0), r"The factor $\tfrac12$ of the squares is missing."),
        Mistake("detached", _generator(ahead=torch.detach), "The values are right, but the translations are detached: the "
                "judges teach nobody, and the cycle only the network that comes second."),
        Mistake("one judge", _generator(both=False), "Only one of the two games is played."),
        Mistake("identity for cycle", _generator(identity=True), "Your second term feeds each translator a picture of its "
                "*target* domain. That is the identity loss."),
        Mistake("the weight on the judges", _generator(weighted="judges"), "You weighted the judges instead of the cycle."),
    ),
    explanation="One optimiser, one loss for both translators: the cycle ties them together.")

all_zero = Choice(
    id="all_zero", title="All losses at their best", level="easy", concept=True,
    prompt="A CycleGAN between photographs of two cities is trained. Even the best discriminators are at chance, the "
           "cycle losses are 0. What follows?",
    hints=("Think of two bags with five pictures each. How many perfect translators are there?",),
    options=(
        Option("every picture becomes the same scene in the other city's look", False, "That is hoped for. But any other "
               "pairing that can be undone has the same losses."),
        Option("the translation can be undone, and its results look like the other domain's pictures", True, "This is what "
               "the losses say, and all that they say."),
        Option("the networks have learned which scenes correspond", False, "Nothing in the data says what corresponds to "
               "what, and nothing in the losses either."),
        Option("the networks have overfitted", False, "These are exactly the losses of a perfect result. They do not tell "
               "good from bad content."),
    ),
    explanation="That content is often kept all the same comes from the networks and from the data, not from the cycle.")

identity_helps = Choice(
    id="identity_helps", title="What the identity term can do", level="medium", concept=True,
    prompt=r"The identity loss $\mathbb{E}\lvert G(b) - b\rvert$ is exactly 0, and so are the cycle losses; the best "
           "judges cannot tell translations from real pictures. The two domains have *no* picture in common. What is true? (All that are right.)",
    hints=("At which inputs does the term look at $G$? At which is $G$ used?",),
    options=(
        Option("it still allows every perfect pairing of the two domains", True, "The term looks at $G$ on $b$ only, and "
               "a picture $a$ may go anywhere."),
        Option("it forces $G$ to keep the content of every $a$", False, "It does not look at any $a$."),
        Option("a network may treat similar pictures similarly, and so it may help in practice", True, "That is a property "
               "of networks, which can be measured, not one of the loss."),
        Option("it makes the cycle loss superfluous", False, "Leaving $b$ alone says nothing of the way back from $G(a)$."),
    ),
    explanation="Where the domains overlap it is another matter: there $G$ has nothing to choose.")

why_pool = Choice(
    id="why_pool", title="What the pool changes", level="medium", concept=True,
    prompt="What does the image pool change? (All that are right.)",
    hints=("Whose training data goes through it?",),
    options=(
        Option("the discriminators see older translations too", True, "Half of what they see has been waiting."),
        Option("the translators learn from older translations too", False, "Their loss is computed on fresh ones. Old "
               "pictures have no gradient to the networks that made them."),
        Option("the loss that the translators minimise", False, "It is the same formula on fresh pictures. Only the judges "
               "in it have learned from other data."),
        Option("what a checkpoint has to hold", True, "A run that goes on with an empty pool is another run."),
    ),
    explanation="It is a memory against going round in circles: what was once refused is still shown.")

hidden_code = Choice(
    id="hidden_code", title="A hidden code", level="medium", concept=True,
    prompt="You suspect that $G(a)$ carries a faint code from which $F$ restores $a$. Which observation speaks for it? "
           "(All that are right.)",
    hints=("What must $F$ do with a code so faint that nobody sees it?",),
    options=(
        Option("faint noise on $G(a)$ comes back from $F$ many times as large", True,
               "Who reads a faint code must amplify it, and amplifies the noise with it."),
        Option("faint noise changes $F(G(a))$ no more than it changes $F(b)$ for real $b$", False, "That says nothing "
               "either way: a reader of codes takes noise for a code on any picture."),
        Option("the cycle loss is small", False, "A translator that keeps the content openly has a small one, too."),
        Option(r"$F(G(a))$ has details of $a$ that cannot be seen in $G(a)$", True, "They must have come from somewhere."),
        Option("$G(a)$ is judged as real", False, "A code that the judge does not see is just what is suspected, but a "
               "clean picture is judged as real as well."),
    ),
    explanation="Nothing may be lost, says the cycle, and the second domain has no place for it: so it is written small.")

name_content = Choice(
    id="name_content", title="Was the content kept?", level="easy", concept=True,
    prompt="How can one measure whether an unpaired translator keeps the content?",
    hints=("Would a relabelled translator get a worse mark?",),
    options=(
        Option("by its cycle loss on held-out pictures", False, "A relabelled translator has the same."),
        Option("by the discriminators on held-out pictures", False, "They look at one picture at a time, and never at "
               "what it was made from."),
        Option("by naming a property that should stay, and comparing it before and after on held-out pictures", True,
               "What the content *is* has to come from us. The losses do not contain it."),
        Option("by the Fréchet distance of the translations to real pictures", False, "It compares two heaps of pictures. "
               "Shuffle one and it is the same."),
    ),
    explanation="With a few true pairs kept aside it can be done directly: these pairs are a property, too.")

no_cycle = Choice(
    id="no_cycle", title="Without the cycle", level="hard", concept=True,
    prompt=r"With $\lambda = 0$, which of these satisfy both judges? (All that are right.)",
    hints=("The judges look at the distribution of $G(a)$ and at nothing else.",),
    options=(
        Option("a $G$ that gives each $a$ a $b$ of its own, and an $F$ that pairs them in another way", True, "Both distributions are "
               "right."),
        Option("a $G$ that gives the same perfect $b$ for every $a$", False, "One picture is not the distribution of "
               "$b$: the best judge sees at once that it comes too often."),
        Option("a $G$ that makes perfect $b$ and keeps the content, and an $F$ that is its inverse", True, "The judges allow it. They do not ask "
               "for it."),
        Option("a $G$ that leaves every $a$ as it is, for domains that differ", False, "Then $G(a)$ has the distribution of "
               "$a$."),
    ),
    explanation="Of pairs of maps between $n$ pictures, $n!$ squared satisfy the judges; the cycle leaves $n!$.")

CHAPTER = Chapter(
    "16", "CycleGAN",
    [come_back, paper_weight, late, cycle_loss_exercise, linear_cycle, still_there, other_back, relabelling_exercise,
     pool_exercise, generator_loss_exercise, all_zero, name_content, identity_helps, why_pool, hidden_code, no_cycle],
    gate={"first steps": (2, ("come_back", "paper_weight", "late")),
          "derivation": (2, ("linear_cycle", "still_there", "other_back")),
          "code": (3, ("cycle_loss", "relabelling", "pool", "generator_loss")),
          "concepts": (4, ("all_zero", "name_content", "identity_helps", "why_pool", "hidden_code", "no_cycle"))})
