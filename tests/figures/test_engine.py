"""The engine of the live figures in a browser: against torch, against itself, and against its own limits.

The references are computed here, in double precision, from ganlib's own losses, penalties and MLP. One evaluation of
the page runs all cases of one kind of arithmetic: "double", "single" (the WebAssembly kernel) and "scalar" (single
precision where there is no WebAssembly).
"""

import functools
import json
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
import torch
import wasmtime

from ganlib import draws, losses, penalties
from ganlib.figures import live
from ganlib.networks import MLP

BATCH, STEPS, LOOK = 32, 10, 70  # LOOK is more than a batch: slopes are computed in several passes
LATENT, HIDDEN, HIDDEN_D = 3, [20, 12], [12, 20, 7]  # blocks of 16 and 4 columns in the kernel, and others without it
WEIGHT, LR = 0.7, 0.01
PENALTIES = {
    "none": None,
    "r1": lambda critic, real, fake: penalties.r1(critic, real, WEIGHT),
    "r2": lambda critic, real, fake: penalties.r2(critic, fake, WEIGHT),
    "gradient_penalty": lambda critic, real, fake: penalties.gradient_penalty(critic, real, fake, WEIGHT),
}
CASES = [(loss, penalty, activation) for loss in losses.ALL for penalty in PENALTIES
         for activation in ("tanh", "leaky_relu")] + [("non_saturating", penalty, "relu") for penalty in PENALTIES]
SHIFT_FREE = ("wasserstein", "relativistic", "hinge")  # hinge as long as all logits lie in (−1, 1)
ARITHMETIC = {"double": 1e-9, "single": 1e-4, "scalar": 1e-4}

PAGE = """
const asLists = (value) => (ArrayBuffer.isView(value) || Array.isArray(value) ? Array.from(value, asLists)
  : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, asLists(v)]))
    : value);
const still = { sample() { throw new Error("drawn"); } };
const ring = { sample(out, n, random) {
  for (let i = 0; i < n; i++) {
    const angle = Math.floor(8 * random.uniform()) * Math.PI / 4;
    out[2 * i] = Math.cos(angle) + 0.05 * random.normal();
    out[2 * i + 1] = Math.sin(angle) + 0.05 * random.normal();
  }
} };
const parity = ({ settings, generator, discriminator, batches, look, real }) => {
  const fresh = () => {
    const game = new Game({ ...settings, data: still });
    game.generator.load(generator);
    game.discriminator.load(discriminator);
    return game;
  };
  const first = fresh();
  first.discriminatorStep(batches[0].real, batches[0].z, batches[0].eps);
  const second = fresh();
  second.generatorStep(batches[0].z, batches[0].real);
  const run = fresh();
  for (const b of batches) {
    run.discriminatorStep(b.real, b.z, b.eps);
    run.generatorStep(b.z2, b.real2);
  }
  const other = fresh();
  const n = look.length / 2;
  return asLists({ dLoss: first.dLoss, penaltyValue: first.penaltyValue, dGradient: first.discriminator.gradient,
    gLoss: second.gLoss, gGradient: second.generator.gradient, slopes: other.generatorSlopes(look, n, real),
    logits: other.logits(look, n), samples: other.generate(batches[0].z, batches[0].real.length / 2),
    generator: run.generator.parameters, discriminator: run.discriminator.parameters,
    t: run.t, wasm: Boolean(run.generator.kernel.wasm) });
};
"""


def players(activation):
    torch.manual_seed(1)
    return (MLP(LATENT, *HIDDEN, 2, activation=activation).double(),
            MLP(2, *HIDDEN_D, 1, activation=activation).double())


def batches():
    """What ten steps are trained on; ε as ganlib.penalties draws it after this step's torch.manual_seed."""
    generator = torch.Generator().manual_seed(5)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    found = []
    for step in range(STEPS):
        torch.manual_seed(step)
        found.append({"eps": draws.uniform(BATCH, 1), "real": 0.3 * normal(BATCH, 2) + 1, "z": normal(BATCH, LATENT),
                      "real2": 0.3 * normal(BATCH, 2) + 1, "z2": normal(BATCH, LATENT)})
    return found


@functools.cache
def reference(loss, penalty, activation):
    """The same numbers from torch, by name."""
    loss, penalise = losses.ALL[loss], PENALTIES[penalty]

    def d_loss(step, batch):
        real, fake = batch["real"], G(batch["z"]).detach()
        torch.manual_seed(step)
        return loss.discriminator(D(real), D(fake)), penalise(D, real, fake) if penalise else torch.tensor(0.0)

    def g_loss(z, real):
        return loss.generator(D(G(z)), D(real).detach())

    G, D = players(activation)
    found = {}
    first = batches()[0]
    value, added = d_loss(0, first)
    found |= {"dLoss": value, "penaltyValue": added}
    found["dGradient"] = torch.autograd.grad(value + added, list(D.parameters()), allow_unused=True,
                                             materialize_grads=True)
    found["gLoss"] = g_loss(first["z"], first["real"])
    found["gGradient"] = torch.autograd.grad(found["gLoss"], list(G.parameters()))
    x = look().requires_grad_()
    # Each sample's own loss, compared with its own real sample.
    each = sum(loss.generator(D(x[i:i + 1]), D(first_real()[i:i + 1])) for i in range(LOOK))
    found["slopes"] = torch.autograd.grad(each, x)[0]
    found["logits"], found["samples"] = D(look()), G(first["z"])
    adams = [torch.optim.Adam(player.parameters(), lr=LR, betas=(0.5, 0.99)) for player in (G, D)]
    # A bias that only shifts the logits has no gradient but rounding errors, which Adam divides by their own size:
    # where a shift changes nothing, it is not compared.
    found["counted"] = [torch.ones_like(p, dtype=torch.bool) for p in D.parameters()]
    for step, batch in enumerate(batches()):
        for adam, value in ((adams[1], lambda b=batch, s=step: sum(d_loss(s, b))),
                            (adams[0], lambda b=batch: g_loss(b["z2"], b["real2"]))):
            adam.zero_grad()
            value().backward()
            adam.step()
            if adam is adams[1] and loss.name in SHIFT_FREE:
                for counted, parameter in list(zip(found["counted"], D.parameters(), strict=True))[1::2]:
                    counted &= parameter.grad.abs() > 1e-14
    found["generator"], found["discriminator"] = list(G.parameters()), list(D.parameters())
    return found


def look():
    generator = torch.Generator().manual_seed(6)
    return torch.randn(LOOK, 2, generator=generator, dtype=torch.float64)


def first_real():
    generator = torch.Generator().manual_seed(7)
    return torch.randn(LOOK, 2, generator=generator, dtype=torch.float64)


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.add_script_tag(content=live.script("game", expose=True) + PAGE)
    yield page
    page.close()


@pytest.fixture(scope="module")
def results(browser):
    """For each arithmetic and case what the engine gives."""
    def given(case):
        loss, penalty, activation = case
        G, D = players(activation)
        settings = {"loss": loss, "penalty": penalty, "activation": activation, "weight": WEIGHT, "latent": LATENT,
                    "hidden": HIDDEN, "hiddenD": HIDDEN_D, "batch": BATCH, "lrG": LR, "lrD": LR}
        return {"settings": settings, "generator": [p.tolist() for p in G.parameters()],
                "discriminator": [p.tolist() for p in D.parameters()]}

    common = {"batches": [{name: value.flatten().tolist() for name, value in batch.items()} for batch in batches()],
              "look": look().flatten().tolist(), "real": first_real().flatten().tolist()}
    cases = json.dumps([given(case) for case in CASES])
    found = {}
    for arithmetic in ARITHMETIC:
        page = browser.new_page()
        if arithmetic == "scalar":
            page.evaluate("delete globalThis.WebAssembly")
        page.add_script_tag(content=live.script("game", expose=True) + PAGE)
        precision = "double" if arithmetic == "double" else "single"
        answers = json.loads(page.evaluate(
            "([cases, common, precision]) => JSON.stringify(JSON.parse(cases).map((c) =>"
            "parity({ ...c, ...common, settings: { ...c.settings, precision } })))", [cases, common, precision]))
        found |= {(arithmetic, *case): answer for case, answer in zip(CASES, answers, strict=True)}
        page.close()
    return found


def error(found, expected, counted=None):
    """The largest difference, relative to the largest entry of its tensor.

    expected: a tensor, or a network's parameters, of which the engine keeps the weights transposed, all in one row.
    counted:  which entries count, in such a list.
    """
    found, at, worst = np.atleast_1d(np.asarray(found, float)), 0, 0.0
    network = isinstance(expected, (list, tuple))
    for i, tensor in enumerate(expected if network else [expected]):
        value = tensor.detach().numpy()
        difference = np.abs(found[at:at + value.size].reshape(value.T.shape).T - value if network
                            else found.reshape(value.shape) - value)
        if counted is not None:
            difference = difference[counted[i].numpy()]
        at += value.size
        # A tensor of zeros has to be 0 to rounding.
        worst = max(worst, difference.max(initial=0) / max(np.abs(value).max(), 1e-3))
    assert at == found.size
    return worst


@pytest.mark.parametrize("arithmetic", ARITHMETIC)
@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_equals_torch(results, case, arithmetic):
    found, expected = results[arithmetic, *case], dict(reference(*case))
    counted = expected.pop("counted")
    errors = {name: error(found[name], value, counted if name == "discriminator" else None)
              for name, value in expected.items()}
    assert max(errors.values()) < ARITHMETIC[arithmetic], errors
    assert found["t"] == STEPS
    assert found["wasm"] == (arithmetic == "single")


def test_wasm_equals_scalar(results):
    for case in CASES:
        for name in ("dGradient", "gGradient", "slopes", "logits", "samples"):
            fast, slow = (np.array(results[kind, *case][name]) for kind in ("single", "scalar"))
            assert np.abs(fast - slow).max() <= 1e-6 * max(1, np.abs(slow).max()), (case, name)


@pytest.mark.parametrize("m, k, n", [(2, 1, 4), (3, 5, 16), (7, 2, 20), (4, 33, 36), (5, 3, 7)])
def test_product(page, m, k, n):
    """Rows 1 to m of C = S + A B for each way in which it is used, with A stored as it is and transposed."""
    rng = np.random.default_rng(0)
    a, b, c, bias = (rng.standard_normal(shape) for shape in ((m, k), (k, n), (m, n), n))
    found = page.evaluate("""([m, k, n, a, transposed, b, c, bias]) => {
      const kernel = new Kernel("single", [a, a, b, c, c, bias].map((x) => x.length));
      const [A, T, B, C, E, S] = kernel.arrays;
      [a, transposed, b, c, c, bias].forEach((x, i) => kernel.arrays[i].set(x));
      kernel.product(C, S, 0, A, k, 1, B, 1, m, k, n);
      kernel.product(E, E, n, T, 1, m, B, 0, m, k, n);
      return [Array.from(C), Array.from(E)];
    }""", [m, k, n, *(x.ravel().tolist() for x in (a, a.T, b, c, bias))])
    added, accumulated = np.reshape(found, (2, m, n))
    assert np.allclose(added[0], c[0], atol=1e-6)  # row 0 was not asked for
    assert np.allclose(added[1:], (a @ b + bias)[1:], atol=1e-5)
    assert np.allclose(accumulated, c + a @ b, atol=1e-5)


def test_tanh(page):
    x = np.concatenate([np.linspace(-12, 12, 20_000), [0, 1e-30, 1e30, -1e30]]).astype(np.float32)
    found = np.array(page.evaluate("""(x) => {
      const kernel = new Kernel("single", [x.length]);
      kernel.arrays[0].set(x);
      kernel.tanh(kernel.arrays[0], x.length);
      return kernel.wasm ? Array.from(kernel.arrays[0]) : null;
    }""", x.tolist()))
    assert np.abs(found - np.tanh(x.astype(float))).max() <= 1e-6
    assert np.abs(found).max() <= 1
    assert page.evaluate("""() => {
      const kernel = new Kernel("single", [4]);
      kernel.arrays[0].set([NaN, 0, 1, NaN]);
      kernel.tanh(kernel.arrays[0], 4);
      return Array.from(kernel.arrays[0], Number.isNaN);
    }""") == [True, False, False, True]


def test_kernel_is_built_from_its_source():
    source, built = (Path(live.SOURCES) / f"kernel.{end}" for end in ("wat", "wasm"))
    assert built.read_bytes() == bytes(wasmtime.wat2wasm(source.read_text(encoding="utf-8")))



PENALISED = {"loss": "relativistic", "penalty": "gradient_penalty", "k": 2, "seed": 3, "hidden": [16], "batch": 16}


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("before", [4, 5, 6])  # after D's first update, after its second, after the generator's
def test_goes_on_from_a_snapshot_bit_for_bit(page, precision, before):
    plain, again, fresh, half = page.evaluate("""([settings, before]) => {
      const game = new Game({ ...settings, data: ring });
      for (let i = 0; i < before; i++) game.half();
      const kept = game.save();
      const half = kept.phase;
      const run = (game) => {
        const players = [];
        for (let i = 0; i < 8; i++) players.push(game.half());
        game.generate(Array(40).fill(0.1), 20);
        game.generatorSlopes(Array(40).fill(0.1), 20, Array(40).fill(0.2));
        game.step();
        return asLists({ players, ...game.save() });
      };
      const plain = run(game);
      game.restore(kept);
      const again = run(game);
      const other = new Game({ ...settings, seed: 99, data: ring });
      other.step();
      other.restore(kept);
      return [plain, again, run(other), half];
    }""", [PENALISED | {"precision": precision}, before])
    assert half == before % 3
    assert plain["players"] == [("D", "D", "G")[i % 3] for i in range(before, before + 8)]
    assert (plain["t"], plain["phase"]) == (5, 0)
    assert len(plain["random"]) == 4 and len(plain["generator"]["square"]) == 3 * 16 + 17 * 2
    assert again == plain
    assert fresh == plain


def test_a_step_is_k_updates_and_one(page):
    """With the random numbers in the order that game.js promises."""
    by_step, by_hand, t = page.evaluate("""(settings) => {
      const one = new Game({ ...settings, data: ring });
      const fine = one.step() && one.step();
      const other = new Game({ ...settings, data: ring });
      const random = new Random(settings.seed);
      const { latent, batch, hidden } = settings;
      const count = (latent + 1) * hidden[0] + (hidden[0] + 1) * 2 + 3 * hidden[0] + hidden[0] + 1;
      for (let i = 0; i < count; i++) random.uniform();
      const real = () => { const x = new Float32Array(2 * batch); ring.sample(x, batch, random); return x; };
      const z = () => Float32Array.from({ length: latent * batch }, () => random.normal());
      const eps = () => Array.from({ length: batch }, () => random.uniform());
      for (let t = 0; t < 2; t++) {
        for (let i = 0; i < settings.k; i++) other.discriminatorStep(real(), z(), eps());
        const latents = z();
        other.generatorStep(latents, real());
      }
      const keep = ({ generator, discriminator, dLoss, gLoss, penaltyValue }) =>
        asLists({ g: generator.parameters, d: discriminator.parameters, dLoss, gLoss, penaltyValue, fine });
      return [keep(one), keep(other), one.t];
    }""", PENALISED | {"latent": 3})
    assert by_step == by_hand
    assert by_step["fine"] and t == 2


def test_a_seed_fixes_everything(page):
    one, two, other = page.evaluate("""() => [1, 1, 2].map((seed) => {
      const game = new Game({ seed, data: ring });
      for (let i = 0; i < 5; i++) game.step();
      return asLists(game.save());
    })""")
    assert one == two
    assert one["generator"]["parameters"] != other["generator"]["parameters"]


def test_initial_parameters_are_spread_as_torch_spreads_them(page):
    sizes = [2, 40, 60, 3]
    found = page.evaluate("""(sizes) => new Network({ sizes, random: new Random(4) }).layers.map(({ weight, bias }) =>
      asLists([...weight, ...bias]))""", sizes)
    for values, inputs, outputs in zip(found, sizes[:-1], sizes[1:], strict=True):
        bound = inputs**-0.5
        assert len(values) == (inputs + 1) * outputs
        assert scipy.stats.kstest(values, "uniform", (-bound, 2 * bound)).pvalue > 0.01
        assert np.abs(values).max() <= bound * (1 + 1e-7)


def test_learns_the_ring(page):
    samples = np.reshape(page.evaluate("""() => {
      const game = new Game({ activation: "tanh", lrD: 0.003, data: ring, seed: 1 });
      for (let i = 0; i < 2000; i++) if (!game.step()) return [];
      const random = new Random(5);
      return Array.from(game.generate(Float32Array.from({ length: 2000 }, () => random.normal()), 1000));
    }"""), (-1, 2))
    angles = np.arange(8) * np.pi / 4
    distances = np.linalg.norm(samples[:, None] - np.stack([np.cos(angles), np.sin(angles)], 1), axis=2)
    good = distances.min(1) < 0.15
    assert len(samples) == 1000 and good.mean() > 0.7
    assert len(set(distances.argmin(1)[good])) == 8


def sfc32(seed, count):
    """The generator once more, in Python's integers."""
    a, b, c, d, mask = 0, seed, 0, 1, 2**32 - 1
    found = []
    for _ in range(15 + count):
        found.append((a + b + d) & mask)
        a, b, c, d = b ^ b >> 9, c + (c << 3) & mask, ((c << 21 | c >> 11) + found[-1]) & mask, d + 1
    return found[15:]


def test_random_numbers(page):
    uniform, normal, again, other = (np.array(x) for x in page.evaluate("""() => {
      const random = new Random(7);
      const uniform = Array.from({ length: 20000 }, () => random.uniform());
      random.normal();
      const { state } = random;
      const normal = Array.from({ length: 20000 }, () => random.normal());
      random.state = state;
      return [uniform, normal, Array.from({ length: 20000 }, () => random.normal()), [new Random(8).uniform()]];
    }"""))
    assert (uniform * 2**32).tolist() == sfc32(7, 20000)
    assert other[0] * 2**32 == sfc32(8, 1)[0] != sfc32(7, 1)[0]
    assert (again == normal).all()
    assert scipy.stats.kstest(uniform, "uniform").pvalue > 0.01
    assert scipy.stats.kstest(normal, "norm").pvalue > 0.01
    assert abs(np.corrcoef(normal[:-1], normal[1:])[0, 1]) < 4 / 20000**0.5


@pytest.mark.parametrize("precision", ["single", "double"])
def test_says_when_it_diverges(page, precision):
    found = page.evaluate("""([precision, lr]) => {
      const game = new Game({ loss: "least_squares", activation: "relu", lrD: lr, lrG: lr, data: ring, precision });
      let steps = 0;
      while (game.step() && steps < 20) steps++;
      const before = JSON.stringify(asLists(game.save()));
      const after = [game.step(), game.half(), game.discriminatorStep(), game.generatorStep()];
      return { steps, after, diverged: game.diverged, still: before === JSON.stringify(asLists(game.save())) };
    }""", [precision, 1e30 if precision == "single" else 1e300])
    assert found.pop("steps") < 20
    assert found == {"after": [False] * 4, "diverged": True, "still": True}


def test_a_loss_that_is_not_finite_changes_no_parameter(page):
    before, fine, after = page.evaluate("""() => {
      const game = new Game({ data: ring });
      const parameters = () => asLists(game.discriminator.parameters);
      return [parameters(), game.discriminatorStep(Array(256).fill(NaN)), parameters()];
    }""")
    assert before == after and not fine


@pytest.mark.parametrize("precision, lr", [("single", 1e39), ("double", 1.7e308)])
def test_an_update_to_infinity_is_a_divergence(page, precision, lr):
    assert page.evaluate("""([precision, lr]) => {
      const game = new Game({ data: ring, lrD: lr, precision });
      return [game.discriminatorStep(), Number.isFinite(game.dLoss), game.diverged];
    }""", [precision, lr]) == [False, True, True]


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_a_parameter_that_is_not_finite_is_a_divergence(page, network):
    assert page.evaluate("""(network) => {
      const game = new Game({ data: ring });
      const before = game.step();
      game[network].parameters[0] = NaN;
      return [before, game.step(), game.diverged];
    }""", network) == [True, False, True]


@pytest.mark.parametrize("code, message", [
    ("new Game({ data: ring, loss: 'log' })", "Game: loss must be minimax or non_saturating or least_squares or hinge "
     "or wasserstein or relativistic, got \"log\""),
    ("new Game({ data: ring, loss: 'toString' })", "Game: loss must be minimax"),
    ("new Game({ data: ring, penalty: 'gp' })",
     "Game: penalty must be none or r1 or r2 or gradient_penalty, got \"gp\""),
    ("new Game({ data: ring, activation: 'gelu' })",
     "Network: activation must be tanh or leaky_relu or relu, got \"gelu\""),
    ("new Game({ data: ring, precision: 'half' })", "Network: precision must be single or double, got \"half\""),
    ("new Game({ data: {} })", "Game: data must be an object with a function sample, got {}"),
    ("new Game({})", "Game: data must be an object with a function sample, got undefined"),
    ("new Game({ data: ring, latent: 0 })", "Game: latent must be a whole number of at least 1, got 0"),
    ("new Game({ data: ring, k: 1.5 })", "Game: k must be a whole number of at least 1, got 1.5"),
    ("new Game({ data: ring, batch: '8' })", "Game: batch must be a whole number of at least 1, got \"8\""),
    ("new Game({ data: ring, hidden: [8, 0] })",
     "Game: hidden must be a list of whole numbers of at least 1, got [8,0]"),
    ("new Game({ data: ring, hiddenD: 8 })", "Game: hiddenD must be a list of whole numbers of at least 1, got 8"),
    ("new Game({ data: ring, lrG: -1 })", "Game: lrG must be a number of at least 0, got -1"),
    ("new Game({ data: ring, lrD: NaN })", "Game: lrD must be a number of at least 0, got \"NaN\""),
    ("new Game({ data: ring, weight: -0.5 })", "Game: weight must be a number of at least 0, got -0.5"),
    ("new Game({ data: ring, beta1: 1 })", "Game: beta1 must be a number from 0 to below 1, got 1"),
    ("new Game({ data: ring, beta2: '0.9' })", "Game: beta2 must be a number from 0 to below 1, got \"0.9\""),
    ("new Game({ data: ring, seed: -1 })", "Random: seed must be a whole number from 0 to 4294967295, got -1"),
    ("new Random(2 ** 32)", "Random: seed must be a whole number from 0 to 4294967295, got 4294967296"),
    ("new Network({ sizes: [2] })", "Network: sizes must be two or more whole numbers of at least 1, got [2]"),
    ("new Network({ sizes: [2, 1], rows: 0 })", "Network: rows must be a whole number of at least 1, got 0"),
    ("new Network({ sizes: [2, 1], rows: 4 }).forward([], 5)", "Network: n must be a whole number from 1 to 4, got 5"),
    ("(() => { const n = new Network({ sizes: [2, 1], rows: 4 }); n.forward([0, 0, 0, 0, 0, 0], 3); "
     "n.slopeBackward([]); })()", "Network: n must be at most 2, half of rows, got 3"),
    ("new Network({ sizes: [2, 1] }).load([[[1]], [0]])", "Network: weight 0 must be 1 rows of 2, got [[1]]"),
    ("new Game({ data: ring, loss: 'relativistic' }).generatorSlopes([0, 0], 1)",
     "generatorSlopes: real must be 1 samples, got []"),
    ("new Game({ data: ring }).restore(new Game({ data: ring, hidden: [4] }).save())",
     "restore: parameters must be 1218 numbers, got 22"),
])
def test_bad_settings(page, code, message):
    found = page.evaluate(f"() => {{ try {{ {code}; return 'no error'; }} catch (e) {{ return e.message; }} }}")
    assert found.startswith(message)
