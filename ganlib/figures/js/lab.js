import { LOSSES, PENALTIES } from "./game.js";
import { ask, choice, colour, link, make, numbers, press, row, settings, shown, slide, start, views } from "./page.js";
import { Plane, probabilityRamp } from "./plane.js";
import { LEAP, LIMIT, MAP, READ, Run, SHOWN, same } from "./run.js";
import { transport } from "./transport.js";

// How long an arrow is, in the plane, for a gradient of 1, and the longest.
const ARROW = 0.1;
const LONGEST = 0.25;

const DEFAULTS = { data: "ring", points: "0,0.9 -0.8,-0.5 0.8,-0.5", latent: 2, hidden: 32, layers: 2,
  activation: "tanh", loss: "non_saturating", penalty: "none", weight: 1, k: 1, lrG: 0.001, lrD: 0.003, beta1: 0.5,
  beta2: 0.99, batch: 128, seed: 1, plan: "0both", at: 0 };
const NAMES = { wasserstein: "Wasserstein", least_squares: "least squares", gradient_penalty: "gradient penalty",
  r1: "R1", r2: "R2", leaky_relu: "leaky ReLU", relu: "ReLU" };
const words = (name) => NAMES[name] || name.replaceAll("_", "-");
const range = (values, value) => [...new Set([...values, value])].sort((a, b) => a - b);
const drawn = (text) => [...text.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [+x, +y])
  .filter((p) => p.every((v) => Math.abs(v) < LIMIT)).slice(0, 60);

start((config, root) => {
  // A link may hold any number.
  const checked = (text) => {
    const all = settings(DEFAULTS, config.settings, text);
    for (const [name, [least, most]] of Object.entries(config.limits))
      all[name] = Math.round(Math.min(most, Math.max(least, all[name])));
    return all;
  };
  let given = checked("");
  let [run, bar, now, fakes, slopes, slope, frames, goal] = [null, null, null, null, null, 0, 0, given.at];
  const area = (options) => new Plane({ x: [-LIMIT, LIMIT], y: [-LIMIT, LIMIT], ...options });
  const paint = (plane, values) => plane.heat(values, MAP, probabilityRamp, 0.85);

  const score = () => {
    const logits = Float64Array.from(run.game.logits(run.places, MAP * MAP));
    if (READ[given.loss]) return logits.map(READ[given.loss][0]);
    const [lo, hi] = [Math.min(...logits), Math.max(...logits)];
    return logits.map((l) => (l - lo) / (hi - lo || 1));
  };
  const steep = (i) => Math.hypot(slopes[2 * i], slopes[2 * i + 1]);
  const main = area({ label: "Samples over D", caption: " ", draw: (plane) => {
    paint(plane, now.d);
    plane.dots(run.real, SHOWN, { fill: colour.real, size: 2 });
    plane.dots(fakes, SHOWN, { shape: "cross", fill: colour.generated, size: 3 });
    const list = [];
    for (let i = 0; i < SHOWN; i++) {
      const length = steep(i);
      const by = -Math.min(ARROW, LONGEST / length);
      if (i % 3 === 0 && -length * by > 0.01)
        list.push([fakes[2 * i], fakes[2 * i + 1], slopes[2 * i] * by, slopes[2 * i + 1] * by]);
    }
    plane.arrows(list);
  } });
  const best = area({ label: "The optimal discriminator", caption: "D*, blurred", draw: (plane) =>
    paint(plane, now.best) });
  const gap = area({ label: "D minus D*", caption: "D − D*; orange: D too high", draw: (plane) => {
    const why = { wasserstein: "A critic estimates no D*.", relativistic: "Known up to a constant." }[given.loss];
    if (why) plane.text(-1.6, 0, why);
    else paint(plane, now.best.map((b, i) => (now.d[i] - b + 1) / 2));
  } });

  const lined = (y, lines) => (plane) => {
    plane.x = [0, Math.max(500, run.losses.length)];
    const all = lines();
    if (!y) {
      const values = all.flatMap(([, ys]) => ys).filter(Number.isFinite);
      plane.y = [Math.min(0, ...values) * 1.1, Math.max(0.1, ...values) * 1.1];
    }
    plane.axes("step");
    plane.curve([run.t, run.t], plane.y, { stroke: colour.theory, width: 1, dash: [3, 3] });
    for (const [xs, ys, style] of all) plane.curve(xs, ys, { width: 1.6, ...style });
  };
  const plot = (label, caption, y, lines) =>
    new Plane({ label, caption, x: [0, 500], y: y || [0, 1], aspect: 2.4, draw: lined(y, lines) });
  // Means over as many steps as one point of the plot stands for.
  const losses = plot("Losses", "loss: D solid, G dashed", null, () => {
    const bin = Math.ceil(run.losses.length / 250) || 1;
    const xs = [];
    const ys = [[], []];
    for (let i = 0; i + bin <= run.losses.length; i += bin) {
      xs.push(i + bin / 2);
      [0, 1].forEach((j) => ys[j].push(run.losses.slice(i, i + bin).reduce((sum, l) => sum + l[j] / bin, 0)));
    }
    return [[xs, ys[0], { stroke: colour.discriminator }], [xs, ys[1], { stroke: colour.generated, dash: [5, 3] }]];
  });
  const key = "modes found, share: solid; JSD / log 2, blurred: dashed";
  const quality = plot("Modes and divergence", key, [0, 1.05], () => {
    const xs = run.judged.map((_, i) => i * LEAP);
    return [[xs, run.judged.map(({ modes }) => modes / run.data.centers.length), { stroke: colour.real }],
      [xs, run.judged.map(({ jsd }) => jsd / Math.log(2)), { stroke: colour.theory, dash: [5, 3] }]];
  });

  const redraw = () => {
    const playing = bar && bar.playing();
    if (!now || !playing || ++frames % 6 === 0) {
      now = run.judge();
      const optimum = READ[given.loss] ? READ[given.loss][1] : same;
      now.best = run.densities.best.map(optimum);
    }
    now.d = score();
    fakes = run.game.generate(run.z, SHOWN);
    slopes = run.game.generatorSlopes(fakes, SHOWN, run.real);
    // Not while drawing: in a frame not yet seen nothing is drawn, and yet it says the length.
    slope = 0;
    for (let i = 0; i < SHOWN; i++) slope += steep(i) / SHOWN;
    for (const plane of [main, best, gap, losses, quality]) plane.redraw();
    scrub.input.max = Math.max(run.losses.length, 1);
    scrub.set(run.t);
    const learner = run.learner();
    who.set(learner);
    next.textContent = `One update: ${learner === "both" ? run.game.next : learner}`;
    if (!playing) table.update();
  };
  const value = (v) => (Number.isNaN(v) && !run.game.diverged ? "–" : shown(v));
  const lost = "Diverged: a loss or a parameter is no longer finite. Go back or change the settings. ";
  const says = () => `${run.game.diverged ? lost : ""}Step ${run.t}: ${now.modes} of ${run.data.centers.length} modes, `
    + `${(100 * now.good).toFixed(0)} % good samples, JSD ${shown(now.jsd)} nats, D loss ${value(run.game.dLoss)}, `
    + `G loss ${value(run.game.gLoss)}, mean length of the gradients ${shown(slope)}.`;
  const build = () => {
    const own = given.data === "own";
    const { centers, std } = own ? { centers: drawn(given.points), std: 0.07 } : config.data[given.data];
    run = new Run(given, centers.length ? centers : [[0, 0]], std);
    now = null;
    main.drag = own ? pen : null;
    main.ready();
    points.hidden = !own;
    points.input.value = given.points;
    main.caption.textContent = `● real, × generated, over ${READ[given.loss] ? "D" : "the critic’s score"} `
      + "(orange: real). Arrows: −gradient of G’s loss at a sample, 0.1 long for a gradient of 1, 0.25 at most";
    main.say(`Real and generated samples, ${given.data}, over the discriminator’s map`);
  };
  const again = () => {
    build();
    bar.pause();
    goal = given.at;
    seek();
  };
  const set = (name) => (v) => {
    given = { ...given, [name]: v };
    again();
  };
  const pen = ({ x, y }) => {
    const places = drawn(given.points);
    if (places.every(([a, b]) => Math.hypot(a - x, b - y) > 0.15))
      set("points")([...places, [x, y]].map((p) => p.map((v) => +v.toFixed(2)).join()).join(" "));
  };

  const pick = (label, name, values, say = words) =>
    choice(label, values.map((v) => [v, say(v)]), given[name], set(name));
  const controls = {
    data: choice("Data", Object.entries(config.names), given.data, set("data")),
    loss: pick("Loss", "loss", Object.keys(LOSSES)), penalty: pick("Penalty", "penalty", Object.keys(PENALTIES)),
    weight: pick("Penalty weight", "weight", range([0.1, 0.3, 1, 3, 10], given.weight), String),
    k: pick("D updates a step", "k", range([1, 2, 5, 10], given.k), String),
    lrD: pick("Rate of D", "lrD", range(config.rates, given.lrD), String),
    lrG: pick("Rate of G", "lrG", range(config.rates, given.lrG), String),
    beta1: pick("β₁", "beta1", range([0, 0.5, 0.9], given.beta1), String),
    latent: pick("Dimension of z", "latent", range([1, 2, 4, 8], given.latent), String),
    hidden: pick("Units a layer", "hidden", range([8, 16, 32, 64], given.hidden), String),
    layers: pick("Layers", "layers", range([1, 2, 3], given.layers), String),
    activation: pick("Activation", "activation", ["tanh", "leaky_relu", "relu"]),
    batch: pick("Batch", "batch", range([16, 64, 128, 256], given.batch), String),
    seed: pick("Seed", "seed", range([1, 2, 3, 4, 5, 6, 7, 8], given.seed), String),
  };
  const points = make("label", {}, "Points ");
  points.input = make("input", { type: "text", size: 40, onchange: (e) => set("points")(e.target.value) });
  points.append(points.input, press("Clear", () => set("points")("")));
  const who = choice("Learning", [["both", "both players"], ["D", "only D"], ["G", "only G"]], "both", (v) => {
    run.learn(v);
    bar.tell();
  });
  const next = press("", () => {
    bar.pause();
    run.update();
    bar.tell();
  });
  const scrub = slide("Step", { min: 0, max: 1, step: 1, value: 0 }, (t) => {
    bar.pause();
    go(t);
    bar.tell();
  });
  const go = (t) => {
    goal = 0;
    run.to(t);
  };
  const head = ["step", "modes", "good samples", "JSD, blurred", "D loss", "G loss"];
  const table = numbers("The numbers, and what they mean", head, () =>
    run.judged.map(({ modes, good, jsd }, i) => [i * LEAP, modes, shown(good), shown(jsd),
      ...(run.losses[i * LEAP] || []).map(value)]).reverse());
  table.append(make("p", {}, "D*, D − D* and JSD compare densities blurred by one cell of the map: blobs that "
    + "are too narrow look better there than they are. A mode is found by one good sample of 4,096; a sample is good "
    + "within 3 std of a mode."));
  build();
  bar = transport({ leap: LEAP, rate: 300, forward: () => run.t < config.limits.at[1] && run.step(),
    back: (n) => go(Math.max(0, run.t - n)),
    start: () => {
      goal = 0;
      build();
    }, time: () => `step ${run.t}`, says, redraw, zoom: (factor) => main.zoom(factor) });
  const { data, loss, penalty, weight, k, seed, ...rest } = controls;
  const side = views(130, best.element, gap.element);
  const large = views(300, main.element, side);
  main.element.style.flexGrow = 2;
  root.append(...ask(config), large, views(240, losses.element, quality.element), bar.bar,
    row(scrub, who, next), bar.status,
    row(data, loss, penalty, weight, k, seed), points,
    make("details", {}, make("summary", {}, "More settings"), row(...Object.values(rest))), table,
    link(() => ({ ...given, plan: run.plan.map((p) => p.join("")).join(), at: run.t })));
  // To a step far away in pieces, so that the page stays alive.
  const seek = () => {
    for (const until = performance.now() + 30; run.t < goal && performance.now() < until;) if (!run.step()) goal = 0;
    if (run.t < goal) {
      bar.show();
      setTimeout(seek, 0);
    } else bar.tell();
  };
  const restore = (text) => {
    given = checked(text);
    try {
      again();
    } catch {
      given = checked("");
      again();
    }
    for (const [name, box] of Object.entries(controls)) box.set(given[name]);
  };
  seek();
  return { redraw, restore };
});
