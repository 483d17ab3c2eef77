import { ask, choice, colour, link, numbers, row, settings, slide, start, views } from "./page.js";
import { Plane } from "./plane.js";
import { transport } from "./transport.js";
import { G_LOSSES, logNormal, logSigmoid, gaussianMeasures, gaussianPulls } from "./gaussians.js";

start((config, root) => {
  const FAR = 3;
  const STEP = 0.02;
  const LEARNING_RATE = 0.005;
  const SHIFTS = Array.from({ length: 61 }, (_, i) => i * FAR / 60);
  const SPAN = [-1.8, 4.8];
  const PLACES = Array.from({ length: 265 }, (_, i) => SPAN[0] + i / 40);
  const DASHES = [[], [10, 4], [2, 3], [9, 3, 2, 3]];
  const DISTANCES = ["JSD / log 2", "KL(p‖q)", "KL(q‖p)", "W₁"];
  const distances = (m) => [m.jsd / Math.LN2, m.kl, m.reverse, m.w1];
  const log10 = (v) => Math.log10(Math.abs(v));
  const told = (v) => (v && Math.abs(v) < 0.01 ? v.toExponential(1) : v.toPrecision(3)).replaceAll("-", "−");
  const defaults = { shift: 0, data: 0.3, generated: 0.3, play: "slide", at: "mean", teacher: "discriminator",
    axis: "linear", curves: "whole" };
  const s = settings(defaults, config);
  let table = [];
  let now = null;
  let furthest = 0;
  let first = 0;
  let path = [];
  const strokes = () => [colour.discriminator, colour.generated, colour.theory, colour.ink];
  const curveStrokes = () => [colour.discriminator, colour.real, colour.generated, colour.ink];

  const here = () => {
    now = gaussianMeasures(s.shift, s.data, s.generated);
    furthest = Math.max(furthest, s.shift);
  };
  const widths = () => {
    table = SHIFTS.map((d) => gaussianMeasures(d, s.data, s.generated));
    here();
  };

  // The key stands under the picture, with the values of now: names, dashes and colours in one place.
  const key = (plane, title, names, colours, values) => {
    const box = "display:inline-block;min-width:48%;padding-right:8px";
    const line = (name, i) => `<span style="${box}"><svg width="24" height="8" aria-hidden="true">`
      + `<path d="M0 4h24" stroke-width="2.5" stroke="${colours[i]}" stroke-dasharray="${DASHES[i]}"/>`
      + `</svg> ${name} <b>${values[i]}</b></span>`;
    plane.caption.innerHTML = `<b>${title}</b><br>${names.map(line).join("")}`;
  };

  const drawDensities = (plane) => {
    plane.axes("x");
    const top = logNormal(0, 0, Math.min(s.data, s.generated));
    const density = (mean, std, stroke, dash) => plane.curve(PLACES,
      PLACES.map((x) => Math.exp(logNormal(x, mean, std) - top)), { stroke, dash, fill: `${stroke}38` });
    density(0, s.data, colour.real, []);
    density(s.shift, s.generated, colour.generated, [6, 4]);
    const high = (std) => Math.exp(logNormal(0, 0, std) - top) + 0.03;
    plane.text(0, high(s.data), "p data ", { fill: colour.real, align: "right", size: 13 });
    // Not cut off at the right end.
    plane.text(Math.min(s.shift, 2.3), high(s.generated), " q generated",
      { fill: colour.generated, size: 13 });
    // The critic, f′ = sign(Q − P), is a line or has one corner; drawn to fill the height.
    const corner = s.data === s.generated ? 99 : s.shift * s.data / (s.data - s.generated);
    const critic = (x) => (s.shift || s.data !== s.generated ? 1 : 0)
      * (s.data > s.generated ? 1 : -1) * Math.abs(x - corner) * (s.data === s.generated ? -1 : 1);
    const criticised = s.teacher === "critic";
    const line = criticised ? PLACES.map(critic)
      : PLACES.map((x) => Math.exp(logSigmoid(logNormal(x, 0, s.data) - logNormal(x, s.shift, s.generated))));
    if (criticised) {
      const [low, high] = [Math.min(...line), Math.max(...line)];
      line.forEach((v, i) => { line[i] = high > low ? (v - low) / (high - low) : 0.5; });
    }
    plane.curve(PLACES, line, { stroke: colour.discriminator, width: 2.5 });
    plane.text(SPAN[1] - 0.1, line[250] + (criticised ? -0.11 : 0.03), criticised ? "critic" : "D*",
      { fill: colour.discriminator, align: "right", size: 13 });
    // Five samples at q's standard scores −2 … 2, one a row, and where ten steps of the loss that plays would
    // bring each if its pull stayed as it is.
    for (let z = -2; z <= 2; z++) {
      const [x, y] = [s.shift + s.generated * z, -0.3 + 0.09 * z];
      plane.dots([x, y], 1, { shape: "cross", fill: colour.generated, size: 3.5 });
      if (s.play === "slide") continue;
      const pull = gaussianPulls(x, s.shift, s.data, s.generated)[G_LOSSES.indexOf(s.play)];
      const far = plane.px(x - 10 * LEARNING_RATE * pull) - plane.px(x);
      if (Math.abs(far) < 1) continue;
      const [from, to, row, head] = [plane.px(x), plane.px(x) + far, plane.py(y), Math.min(5, Math.abs(far))];
      const { c } = plane;
      Object.assign(c, { strokeStyle: colour.ink, fillStyle: colour.ink, lineWidth: 1.5 });
      c.beginPath();
      c.moveTo(from, row);
      c.lineTo(to, row);
      c.stroke();
      c.beginPath();
      c.moveTo(to, row);
      for (const side of [-0.7, 0.7]) c.lineTo(to - Math.sign(far) * head, row + side * head);
      c.fill();
    }
  };

  const limit = () => (s.curves === "seen" ? furthest : FAR);
  const drawCurves = (plane, of, colours, least, name) => {
    plane.axes("d", name);
    plane.curve([s.shift, s.shift], plane.y, { stroke: colour.faint, width: 3 });
    if (s.curves === "hidden") {
      plane.text(FAR / 2, (plane.y[0] + plane.y[1]) / 2, "hidden: predict", { align: "center" });
      return;
    }
    const known = SHIFTS.map((d, i) => [d, i]).filter(([d]) => d >= least && d <= limit() + 1e-9);
    const dots = of(now);
    colours.forEach((stroke, j) => {
      const points = known.map(([d, i]) => [d, of(table[i])[j]]);
      if (s.shift >= least && s.shift >= limit()) points.push([s.shift, dots[j]]);
      plane.curve(points.map((p) => p[0]), points.map((p) => p[1]), { stroke, width: 2.5, dash: DASHES[j] });
      plane.dots([s.shift, dots[j]], 1, { fill: stroke, size: 4.5 });
    });
  };

  const logarithmic = () => s.axis === "log";
  const scaled = (m) => distances(m).map((v) => (logarithmic() ? log10(v) : v));
  const slopes = (m) => m[s.at];
  const densities = new Plane({ label: "The two densities",
    caption: " ",
    x: SPAN, y: [-0.65, 1.14], aspect: 1.25, draw: drawDensities });
  const divergences = new Plane({ label: "Divergences against the shift", caption: " ", x: [0, FAR],
    y: [0, 4], aspect: 1.05,
    draw: (plane) => drawCurves(plane, scaled, curveStrokes(), logarithmic() ? 0.01 : 0,
      logarithmic() ? "log₁₀" : "") });
  const gradients = new Plane({ label: "Gradients against the shift", caption: " ", x: [0, FAR], y: [-10, 3],
    aspect: 1.05, draw: (plane) => drawCurves(plane, (m) => slopes(m).map(log10), strokes(), 0.01,
      "log₁₀") });
  for (const plane of [divergences, gradients]) plane.element.style.flexBasis = "150px";

  const ranges = () => {
    divergences.y = logarithmic() ? [-3, 3] : [-0.3, 3.3];
    const least = Math.min(...table.slice(1).flatMap((m) => slopes(m).map(log10)));
    gradients.y = [Math.min(-2, Math.max(-60, least) * 1.08), 3];
  };
  const place = () => (s.at === "mean" ? "mean over q" : "at the centre of q");
  const values = (list) => list.map((v) => (s.curves === "hidden" ? "?" : told(v)));
  const redraw = () => {
    ranges();
    densities.redraw();
    divergences.redraw();
    gradients.redraw();
    key(divergences, "Divergences of p and q", DISTANCES, curveStrokes(), values(distances(now)));
    key(gradients, `Size of the gradient, ${place()}`, G_LOSSES, strokes(), values(slopes(now)));
  };

  const says = () => {
    const felt = G_LOSSES.map((name, i) => `${name} ${told(slopes(now)[i])}`).join(", ");
    const facts = s.curves === "hidden" ? "" : ` JSD / log 2 is ${told(now.jsd / Math.LN2)}, W₁ `
      + `${told(now.w1)}. Gradient, ${place()}: ${felt}.`;
    const steps = s.play === "slide" ? "" : ` after ${path.length} steps of ${s.play}`;
    densities.caption.textContent = "Areas: densities, scaled. Crosses: five samples of q, one a row. "
      + "Arrows, while a loss plays: ten of its steps for that sample alone."
      + (s.teacher === "critic" ? " The critic is scaled to the picture's height." : "");
    const words = `Shift ${s.shift.toFixed(2)}${steps}.${facts}`;
    densities.say(`The densities of the data at 0, std ${s.data}, and of the samples, std `
      + `${s.generated}, with ${s.teacher === "critic" ? "the critic of W₁" : "D*"}. ${words}`);
    divergences.say(`${DISTANCES.join(", ")} against the shift. ${words}`);
    gradients.say(`Size of the gradient of ${G_LOSSES.join(", ")} against the shift, ${place()}. ${words}`);
    return words;
  };

  // Play either slides the samples away or lets the generator go down its expected loss, against D* or the
  // best critic at every step.
  const move = (d) => {
    s.shift = d;
    here();
    controls.shift.set(d);
    data.update();
  };
  const forward = () => {
    if (s.play === "slide") {
      if (s.shift > FAR - 1e-9) return false;
      move(Math.min(FAR, +(s.shift + STEP).toFixed(4)));
      return true;
    }
    if (!s.shift) return false;
    path.push(s.shift);
    move(Math.max(0, s.shift - LEARNING_RATE * now.mean[G_LOSSES.indexOf(s.play)]));
    return s.shift > 0;
  };
  const back = (n) => {
    if (s.play === "slide") move(Math.max(0, +(s.shift - n * STEP).toFixed(4)));
    else if (path.length) move(path.splice(-n)[0]);
  };
  const origin = () => {
    move(s.play === "slide" ? 0 : first);
    path = [];
  };
  const bar = transport({ forward, back, start: origin, rate: 30, leap: 10, redraw, says,
    zoom: (factor) => densities.zoom(factor),
    time: () => `d = ${s.shift.toFixed(2)}${s.play === "slide" ? "" : ` after ${path.length} steps`}` });

  const changed = (act = () => {}) => {
    bar.pause();
    act();
    data.update();
    bar.tell();
  };
  const anew = () => {
    path = [];
    first = s.shift;
  };
  const width = (name, label) => slide(label, { min: 0.15, max: 1, step: 0.05, value: s[name],
    show: (v) => v.toFixed(2) }, (v) => changed(() => { s[name] = v; anew(); widths(); }));
  const pick = (name, label, options) => choice(label, options, s[name], (v) => changed(() => {
    s[name] = v;
    // The next loss starts from where the last one did.
    if (name === "play" && path.length) move(first);
    if (name === "play") anew();
  }));
  const controls = {
    shift: slide("Shift d", { min: 0, max: FAR, step: STEP, value: s.shift, show: (v) => v.toFixed(2) },
      (v) => changed(() => { s.shift = v; anew(); here(); })),
    data: width("data", "Std of data"),
    generated: width("generated", "Std of generated"),
    play: pick("play", "Play", [["slide", "slides the samples away"],
      ...G_LOSSES.map((name) => [name, `descends ${name}`])]),
    at: pick("at", "Gradient", [["mean", "mean over q"], ["centre", "at the centre of q"]]),
    teacher: pick("teacher", "Curve over x", [["discriminator", "D*"], ["critic", "critic of W₁"]]),
    axis: pick("axis", "Divergences", [["linear", "linear"], ["log", "log"]]),
    curves: pick("curves", "Curves", [["whole", "whole"], ["seen", "as far as seen"], ["hidden", "hidden"]]),
  };
  const data = numbers("The numbers", ["d", ...DISTANCES, ...G_LOSSES.flatMap((name) =>
    [`${name}, mean`, `${name}, centre`])], () => [null, 0.5, 1, 1.5, 2, 2.5, 3].map((d) => {
    const m = d === null ? now : gaussianMeasures(d, s.data, s.generated);
    return [`${(d ?? s.shift).toFixed(2)}${d === null ? " now" : ""}`,
      ...values([...distances(m), ...G_LOSSES.flatMap((_, i) => [m.mean[i], m.centre[i]])])];
  }));
  const apply = () => {
    for (const name of ["shift", "data", "generated"]) {
      const [low, high] = name === "shift" ? [0, FAR] : [0.15, 1];
      s[name] = Math.min(high, Math.max(low, s[name]));
    }
    for (const [name, control] of Object.entries(controls)) {
      control.set(s[name]);
      if (control.input.value === "") control.set(s[name] = defaults[name]);
    }
    furthest = 0;
    anew();
    widths();
  };
  root.append(...ask(config), views(270, densities.element, divergences.element, gradients.element), bar.bar,
    bar.status, row(...Object.values(controls).slice(0, 3)), row(...Object.values(controls).slice(3)), data,
    link(() => Object.fromEntries(Object.keys(defaults).map((name) => [name, s[name]]))));
  apply();
  bar.tell();
  const restore = (text) => changed(() => {
    Object.assign(s, settings(defaults, s, text));
    apply();
  });
  return { redraw, restore };
});
