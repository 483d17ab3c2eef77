import { ask, choice, colour, link, make, numbers, row, settings } from "./page.js";
import { shown, slide, start, views } from "./page.js";
import { Plane } from "./plane.js";
import { transport } from "./transport.js";
import { diracEigenvalues, diracFactors, diracJacobian } from "./dirac_field.js";
import { diracNext, diracVelocity, diracVerdict } from "./dirac_field.js";

// Beyond this distance it has left for good.
const DIRAC_END = 1e9;

// given: the settings; choices: of loss, penalty, updates, name → text; weights: one that shows each penalty;
// limits: of each number; questions: name → { title, question, answer, settings }.
start(({ given, choices, weights, limits, questions }, root) => {
  let s;
  let path;
  let factors;
  let jacobian;
  const within = (name, value) => Math.max(limits[name][0], Math.min(limits[name][1], value));
  const now = () => Math.min(s.t, path.x.length - 1);
  const at = (n) => [path.x[n], path.y[n]];
  const distance = (n) => Math.hypot(...at(n));
  const linear = () => s.loss === "wasserstein";
  const turns = () => s.updates === "alternating" || s.updates === "generator_first";

  const extend = () => {
    const n = path.x.length - 1;
    if (n >= limits.t[1] || !(distance(n) < DIRAC_END)) return false;
    const [x, y] = diracNext(s, at(n), at(Math.max(0, n - 1)));
    path.x.push(x);
    path.y.push(y);
    return true;
  };

  const portrait = (p) => {
    p.axes("θ: where the samples are", "ψ: slope of the logit");
    const cell = (p.x[1] - p.x[0]) / 15;
    const field = Array.from({ length: 225 }, (_, i) => {
      const [x, y] = [i % 15, Math.floor(i / 15)].map((j) => p.x[0] + (j + 0.5) * cell);
      const [u, v] = diracVelocity(s, x, y);
      return [x, y, u, v * s.ratio * (turns() ? s.k : 1)];
    });
    // Lengths by their root, so that short ones are seen.
    const size = ([, , u, v]) => Math.hypot(u, v) || 1e-9;
    const most = Math.max(...field.map(size));
    p.c.globalAlpha = 0.5;
    p.arrows(field.map((arrow) => {
      const [x, y, u, v] = arrow;
      const by = 0.85 * cell / Math.sqrt(most * size(arrow));
      return [x - u * by / 2, y - v * by / 2, u * by, v * by];
    }), { stroke: colour.theory });
    p.c.globalAlpha = 1;
    const wall = { clipping: s.weight, gradient_penalty: 1 }[s.penalty];
    for (const y of wall ? [-wall, wall] : []) {
      p.curve(p.x, [y, y], { stroke: colour.discriminator, width: 1.5, dash: [6, 4] });
      p.text(p.x[1] - cell / 4, y + cell / 4, s.penalty === "clipping" ? "limit" : "asked for",
        { fill: colour.discriminator, align: "right" });
    }
    const t = now();
    for (let i = 0; i < 10; i++) {
      const [a, b] = [i, i + 1].map((j) => Math.round(t * j / 10));
      p.c.globalAlpha = 0.28 + 0.08 * i;
      p.curve(path.x.slice(a, b + 1), path.y.slice(a, b + 1), { stroke: colour.generated });
    }
    p.c.globalAlpha = 1;
    for (let i = Math.max(0, t - 30); i < t; i++) p.dots(at(i), 1, { fill: colour.generated, size: 2.2 });
    p.curve([-cell / 2, cell / 2], [0, 0], { stroke: colour.real, width: 3 });
    p.curve([0, 0], [-cell / 2, cell / 2], { stroke: colour.real, width: 3 });
    p.dots(at(0), 1, { fill: colour.ink, size: 7 });
    p.dots(at(0), 1, { fill: colour.paper, size: 4.5 });
    p.dots(at(t), 1, { fill: colour.generated, size: 5.5 });
    if (Math.max(...at(t).map(Math.abs)) > p.x[1]) {
      p.text(0, p.y[0] * 0.8, "The pair is outside: zoom out.", { align: "center", size: 14 });
    }
  };

  // Where eigenvalues lie in the shaded region the pair comes in.
  const complexPlane = (p, name, least, marks, region) => {
    const half = Math.max(least, ...(marks || []).map((m) => 1.15 * Math.hypot(...m)));
    Object.assign(p, { x: [-half, half], y: [-half, half] });
    region(half, { stroke: colour.discriminator, fill: `${colour.discriminator}33` });
    p.axes(`Re ${name}`, `Im ${name}`);
    p.text(-half * 0.3, -half * 0.45, "in");
    p.text(half * 0.9, half * 0.8, "out", { align: "right" });
    if (!marks) p.text(0, half / 9, "no Jacobian", { align: "center" });
    for (const m of marks || []) p.dots(m, 1, { shape: "cross", fill: colour.generated, size: 5 });
  };
  const velocities = (p) => complexPlane(p, "μ", 1.3, jacobian && diracEigenvalues(jacobian), (half, look) =>
    p.curve([-half, 0, 0, -half], [2 * half, 2 * half, -2 * half, -2 * half], look));
  const rounds = (p) => complexPlane(p, "m", 1.6, factors, (half, look) => {
    const angles = Array.from({ length: 97 }, (_, i) => i * Math.PI / 48);
    p.curve(angles.map(Math.cos), angles.map(Math.sin), look);
  });

  const radius = (p) => {
    const t = now();
    const log = (n) => Math.log10(Math.max(1e-16, distance(n)));
    const steps = Array.from({ length: t + 1 }, (_, n) => n);
    const ys = steps.map(log);
    const last = Math.max(100, t * 1.2);
    const [low, high] = [Math.min(-1, ...ys), Math.max(1, ...ys)];
    Object.assign(p, { x: [0, last], y: [low - (high - low) * 0.25, high + 0.3] });
    p.axes("round", "log₁₀ r");
    if (factors) {
      p.curve([0, last], [ys[0], ys[0] + last * Math.log10(Math.hypot(...factors[0]))],
        { stroke: colour.theory, dash: [5, 4], width: 1.5 });
    }
    p.curve(steps, ys, { stroke: colour.generated });
    p.dots([t, ys[t]], 1, { fill: colour.generated, size: 4 });
  };

  // What a state means: the data at 0, the samples at θ, the logit a line; the arrow is where the samples go.
  const game = (p) => {
    Object.assign(p, { x: main.x, y: main.y });
    p.axes("x", "l");
    const [theta, psi] = at(now());
    p.curve(p.x, p.x.map((x) => psi * x), { stroke: colour.discriminator });
    p.dots([0, 0], 1, { size: 6 });
    const pull = 0.8 * s.span * Math.tanh(diracVelocity(s, theta, psi)[0] / s.span);
    p.arrows([[theta, 0, pull, 0]], { stroke: colour.generated, width: 2 });
    p.dots([theta, 0], 1, { shape: "cross", fill: colour.generated, size: 6 });
  };

  const place = (theta, psi) => {
    Object.assign(s, { theta: +within("theta", theta).toFixed(3), psi: +within("psi", psi).toFixed(3) });
    change();
  };
  const main = new Plane({ label: "", x: [-25, 25], y: [-25, 25], draw: portrait,
    caption: "Tap, drag or use the arrow keys to choose the start ○. ● is now.",
    drag: ({ x, y }) => place(x, y), nudge: (dx, dy) => place(s.theta + dx, s.psi + dy) });
  // \u2060 keeps the formula on one line.
  const captions = ["Velocities: eigenvalues μ", "One round: eigenvalues m",
    "Distance r; dashed: r₀|\u2060m|\u2060ⁿ", "Data ●, samples × and their push, logit ψx"];
  const beside = [velocities, rounds, radius, game].map((draw, i) =>
    new Plane({ label: captions[i], caption: captions[i], draw }));

  const verdict = make("p", { role: "status" });
  const pair = ([[x, y], [z]]) => (Math.abs(y) < 1e-9 ? `${shown(x)} and ${shown(z)}`
    : `${shown(x)} ± ${shown(Math.abs(y))}i`);
  const judge = () => {
    if (!factors) return "No Jacobian at (0, 0): on both sides of ψ = 0 the penalty pushes ψ away.";
    const mu = diracEigenvalues(jacobian);
    const { size, words } = diracVerdict(factors, linear());
    const sign = Math.abs(size - 1) < 1e-9 ? "=" : size < 1 ? "<" : ">";
    const calm = mu[0][0] < -1e-9 ? "comes in" : linear() ? "circles" : "circles, to first order";
    return `Near (0, 0), infinitely small steps: μ = ${pair(mu)}: it ${calm}. `
      + `These steps: m = ${pair(factors)}, |m| = ${shown(size, 5)} ${sign} 1: it ${words}.`
      + (linear() && s.penalty === "instance_noise"
        ? " Noise changes nothing here: the logit is a straight line, and its mean does not feel it." : "");
  };
  const table = numbers("The path in numbers", ["round", "θ", "ψ", "distance r"], () =>
    Array.from({ length: 11 }, (_, i) => Math.round(i * now() / 10)).map((n) =>
      [n, ...[...at(n), distance(n)].map((v) => shown(v, 4))]));

  const player = transport({
    forward: () => {
      const end = path.x.length - 1;
      if (end < s.t || (end === s.t && !extend())) return false;
      s.t++;
      return true;
    },
    back: (n) => { s.t = Math.max(0, now() - n); },
    start: () => { s.t = 0; },
    time: () => `round ${now()}`,
    says: () => {
      const t = now();
      const [theta, psi, r, first] = [...at(t), distance(t), distance(0)].map((v) => shown(v));
      const words = `Round ${t}: θ = ${theta}, ψ = ${psi}, distance r = ${r}, at the start ${first}.`;
      main.say(`The plane of θ and ψ: arrows, and the path. ${words}`);
      beside.forEach((plane, i) => plane.say(`${captions[i]}. ${i < 2 ? verdict.textContent : words}`));
      table.update();
      return distance(t) < DIRAC_END ? words : `${words} It has left, and the run stops.`;
    },
    redraw: () => [main, ...beside].forEach((plane) => plane.redraw()),
    rate: 60, leap: 100, zoom: (factor) => {
      main.zoom(factor);
      s.span = main.x[1];
      player.show();
    },
  });

  // After every change as many rounds are played anew: the whole path follows the hand.
  const controls = {};
  const change = () => {
    path = { x: [s.theta], y: [s.psi] };
    while (path.x.length <= s.t && extend());
    // Time is counted in G's steps, as in the arrows: D's velocity grows with its rate and its k steps.
    const flow = diracJacobian(s);
    const fast = s.ratio * (turns() ? s.k : 1);
    jacobian = flow && [flow[0], flow[1].map((v) => v * fast)];
    factors = diracFactors(s);
    verdict.textContent = judge();
    controls.k.input.disabled = !turns();
    controls.weight.style.display = s.penalty === "none" ? "none" : "";
    controls.weight.firstChild.textContent = choices.penalty[s.penalty].at(-1);
    if (player.playing()) player.show();
    else player.tell();
  };
  const set = (name, value) => {
    s[name] = value;
    if (name === "penalty") controls.weight.set(s.weight = weights[value]);
    change();
  };
  const list = (name, text) => {
    controls[name] = choice(text, Object.entries(choices[name]), "", (value) => set(name, value));
    return controls[name];
  };
  // A slider of powers of ten, rounded to two digits.
  const scale = (name, text, min, max) => {
    const show = (v) => String(+(10 ** v).toPrecision(2));
    const box = slide(text, { min, max, step: 0.02, value: 0, show }, (v) => set(name, +show(v)));
    const { set: move } = box;
    controls[name] = Object.assign(box, { set: (value) => move(Math.log10(value)) });
    return box;
  };
  controls.k = slide("D's steps k", { min: 1, max: 10, step: 1, value: 1 }, (value) => set("k", value));
  const names = [["", "my own"], ...Object.entries(questions).map(([name, { title }]) => [name, title])];
  controls.question = choice("Question", names, "", (question) =>
    load({ ...s, ...(question && questions[question].settings), question }));
  const asked = make("div");
  const rows = [
    row(list("loss", "Loss"), list("penalty", "Penalty or remedy"), scale("weight", "", -2, 1.08)),
    row(list("updates", "Updates"), scale("h", "step h", -2, 0.4), scale("ratio", "D's step / G's", -1, 1),
      controls.k),
  ];

  // All settings of the figure at once, made sane: a link may say anything.
  const load = (all) => {
    s = { ...all };
    for (const [name, known] of Object.entries({ ...choices, question: { "": "", ...questions } })) {
      if (!Object.hasOwn(known, s[name])) s[name] = given[name];
    }
    for (const name in limits) s[name] = within(name, s[name]);
    for (const name of ["k", "t"]) s[name] = Math.round(s[name]);
    for (const name in controls) controls[name].set(s[name]);
    asked.replaceChildren(...ask(questions[s.question] || {}));
    main.zoom(main.x[1] / s.span);
    change();
  };
  load(given);
  const [a, b, c, d] = beside.map((plane) => plane.element);
  root.append(row(controls.question), asked,
    views(320, main.element, make("div", {}, views(150, a, b), views(150, c, d))), verdict,
    player.bar, player.status, ...rows, table, link(() => s));
  return { redraw: player.show, restore: (text) => load(settings(given, {}, text)) };
});
