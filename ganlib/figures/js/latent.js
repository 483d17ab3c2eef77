import { ask, choice, colour, link, make, numbers } from "./page.js";
import { row, settings, shown, slide, start, views } from "./page.js";
import { Plane } from "./plane.js";
import { transport } from "./transport.js";
import { Generator } from "./generator.js";
import { LatentPlane, blend, spherical, truncated } from "./latent_path.js";

const PIXELS = 28;
const WALK = 100;
const STOPS = 11;
const CELLS = 7;
const GROUPS = ["coarse", "middle", "fine"];
const LAYERS = ["coarse", "middle", "middle", "fine", "fine", "fine"];
const within = (v, low, high) => Math.min(high, Math.max(low, v));

// Pictures of the generator side by side.
class Sheet {
  constructor(columns, rows) {
    this.columns = columns;
    this.canvas = make("canvas", { width: columns * PIXELS, height: rows * PIXELS });
    this.c = this.canvas.getContext("2d");
    this.image = new ImageData(PIXELS, PIXELS);
  }

  put(i, picture) {
    picture.forEach((v, at) => {
      const grey = 127.5 * (v + 1);
      this.image.data.set([grey, grey, grey, 255], 4 * at);
    });
    this.c.putImageData(this.image, i % this.columns * PIXELS, Math.floor(i / this.columns) * PIXELS);
  }

  fill({ c, wide, high }) {
    c.imageSmoothingEnabled = false;
    c.drawImage(this.canvas, 0, 0, wide, high);
  }
}

start((config, root) => {
  const { questions, samples, given } = config;
  const generator = new Generator(config.generator);
  const { styled } = generator;
  const [least, none] = styled ? [-1, 1] : [0.25, 3];
  const DEFAULTS = { question: "", a: 1, b: 2, path: "arc", truncation: none, t: 0, free: false, x: 0, y: 0,
    coarse: "here", middle: "here", fine: "here" };
  const typical = Math.sqrt(generator.latent);
  const columns = Math.ceil(samples.length / 3);
  let s;
  let ends;
  let space;
  let closer = 1;
  let half;

  // z, or w of a style generator, truncated.
  const first = (i) => truncated(samples[i - 1], styled || s.truncation === none ? Infinity : s.truncation);
  const latent = (i) => (styled ? pulled(generator.map(first(i))) : first(i));
  const pulled = (w) => blend(1 - s.truncation, generator.mean, s.truncation, w);
  const along = (t) => {
    const [a, b] = ends;
    if (s.path === "straight") return blend(1 - t, a, t, b);
    if (!styled) return spherical(a, b, t);
    return pulled(generator.map(spherical(first(s.a), first(s.b), t)));
  };
  const here = () => (s.free ? space.point(s.x, s.y) : along(s.t / WALK));
  const picture = (p) => {
    if (!styled) return generator.draw(p);
    const from = { here: p, A: ends[0], B: ends[1] };
    return generator.draw(LAYERS.map((name) => from[s[name]]));
  };
  const size = (p) => Math.hypot(...(styled ? blend(1, p, -1, generator.mean) : p));

  const sheets = { here: new Sheet(1, 1), walk: new Sheet(STOPS, 1), samples: new Sheet(columns, 3),
    plane: new Sheet(CELLS, CELLS) };
  const stops = [];
  // What waits to be drawn. At the beginning all at once; while a slider moves a few pictures at a time.
  let todo = [];
  let later = 0;
  const work = (ms) => {
    clearTimeout(later);
    for (const until = performance.now() + ms; todo.length && performance.now() < until;) todo.shift()();
    if (todo.length) later = setTimeout(() => work(12), 0);
    else table.update();
    planes.forEach((plane) => plane.redraw());
  };
  const list = () => {
    const centre = (i) => (2 * i + 1 - CELLS) / CELLS * half;
    todo = [
      ...Array.from({ length: STOPS }, (_, i) => () => {
        stops[i] = picture(along(i / (STOPS - 1)));
        sheets.walk.put(i, stops[i]);
      }),
      ...samples.map((_, i) => () => {
        const p = latent(i + 1);
        sheets.samples.put(i, generator.draw(styled ? LAYERS.map(() => p) : p));
      }),
      ...Array.from({ length: CELLS * CELLS }, (_, i) => () =>
        sheets.plane.put(i, picture(space.point(centre(i % CELLS), -centre(Math.floor(i / CELLS)))))),
    ];
  };

  const label = (p, [x, y], words) => {
    p.dots([x, y], 1, { fill: colour.ink, size: 11 });
    p.dots([x, y], 1, { fill: colour.paper, size: 9.5 });
    // 4 pixels down, so that the middle of the letter is there.
    p.text(x, y - 4 * (p.y[1] - p.y[0]) / p.high, words, { align: "center" });
  };
  const drawPlane = (p) => {
    Object.assign(p, { x: [-half, half], y: [-half, half] });
    sheets.plane.fill(p);
    const line = (point, dash = []) => {
      const points = Array.from({ length: 65 }, (_, i) => point(i / 64));
      const [xs, ys] = [0, 1].map((axis) => points.map((at) => at[axis]));
      p.curve(xs, ys, { stroke: colour.paper, width: 5 });
      p.curve(xs, ys, { stroke: colour.theory, width: 2, dash });
    };
    if (!styled) line((t) => [Math.cos, Math.sin].map((f) => typical * f(2 * Math.PI * t)), [3, 4]);
    line((t) => space.place(along(t)));
    label(p, [0, 0], styled ? "w̄" : "0");
    ends.forEach((end, i) => label(p, space.place(end), "AB"[i]));
    p.dots(space.place(here()), 1, { fill: colour.generated, size: 6 });
  };
  const frame = (p, left, top) => {
    const [x, y] = [p.px(left), p.py(top)];
    Object.assign(p.c, { lineWidth: 3, strokeStyle: colour.generated });
    p.c.strokeRect(x + 1.5, y + 1.5, p.px(left + 1) - x - 3, p.py(top - 1) - y - 3);
  };
  const drawWalk = (p) => {
    sheets.walk.fill(p);
    if (!s.free) frame(p, s.t / WALK * (STOPS - 1), 1);
  };
  const drawSamples = (p) => {
    sheets.samples.fill(p);
    [s.a, s.b].forEach((i, end) => {
      const [x, y] = [(i - 1) % columns, 3 - Math.floor((i - 1) / columns)];
      frame(p, x, y);
      label(p, [x + 0.2 + 0.6 * end, y - 0.2], "AB"[end]);
    });
  };
  const drawHere = (p) => {
    sheets.here.put(0, picture(here()));
    sheets.here.fill(p);
  };

  const move = (change) => {
    Object.assign(s, change);
    player.pause();
    player.tell();
  };
  const go = (...to) => {
    const [x, y] = to.map((v) => +within(v, -half, half).toFixed(2));
    move({ free: true, x, y });
  };
  const walkTo = (t) => move({ free: false, t: Math.round(within(t, 0, 1) * WALK) });
  const big = new Plane({ label: "", caption: "The picture at the point ●", draw: drawHere });
  const pad = new Plane({ label: "", draw: drawPlane,
    caption: styled ? "Through w̄, A and B: drag or use the arrow keys"
      : `Through 0, A and B: drag or use the arrow keys. Dotted: ‖z‖ = √${generator.latent}`,
    drag: ({ x, y }) => go(x, y),
    nudge: (dx, dy) => {
      const [x, y] = space.place(here());
      go(x + dx, y + dy);
    } });
  const shelf = new Plane({ label: "", caption: `${samples.length} samples: press one to make it B`,
    x: [0, columns], y: [0, 3], aspect: columns / 3, draw: drawSamples,
    drag: ({ x, y, first }) => {
      const i = 1 + Math.min(columns - 1, Math.floor(x)) + columns * Math.min(2, Math.floor(3 - y));
      if (first && i >= 1 && i <= samples.length) set("b")(i);
    } });
  const strip = new Plane({ label: "", caption: "From A to B: drag or use the arrow keys",
    x: [0, STOPS], y: [0, 1], aspect: STOPS, draw: drawWalk,
    drag: ({ x }) => walkTo((x - 0.5) / (STOPS - 1)), nudge: (dx) => walkTo(s.t / WALK + dx / STOPS) });
  const planes = [big, pad, shelf, strip];

  const measure = styled ? "distance from w̄" : "‖z‖";
  // Of pixels between −1 and 1: half the mean difference is a share of the way from black to white.
  const differ = (now, before) =>
    now.reduce((sum, v, j) => sum + Math.abs(v - before[j]), 0) / now.length * 50;
  const table = numbers("The walk in numbers", ["t", measure, "change since the row above"], () =>
    stops.map((now, i) => [shown(i / (STOPS - 1), 1), shown(size(along(i / (STOPS - 1))), 2),
      i ? `${shown(differ(now, stops[i - 1]), 1)} %` : "–"]));

  const player = transport({
    // From off the walk a step leads back to it.
    forward: () => {
      if (s.t >= WALK && !s.free) return false;
      Object.assign(s, { free: false, t: Math.min(WALK, s.t + 1) });
      return true;
    },
    back: (n) => Object.assign(s, { free: false, t: Math.max(0, s.t - n) }),
    start: () => Object.assign(s, { free: false, t: 0 }),
    time: () => `t = ${(s.t / WALK).toFixed(2)}`,
    says: () => {
      const place = s.free ? "Off the walk" : `t = ${(s.t / WALK).toFixed(2)} on the way from A to B`;
      const words = `${place}, ${measure} = ${shown(size(here()), 2)}.`;
      const [x, y] = space.place(here()).map((v) => v.toFixed(1));
      big.say(`The picture: ${words}`);
      pad.say(`The plane and its pictures, the point at (${x}, ${y}): ${words}`);
      shelf.say(`A is sample ${s.a}, B is sample ${s.b}.`);
      strip.say(`The walk: ${words}`);
      return words;
    },
    redraw: () => planes.forEach((plane) => plane.redraw()),
    rate: 25, leap: 10,
    zoom: (factor) => {
      closer = within(closer * factor, 1, 8);
      prepare(300);
    },
  });

  // The ends, the plane and what is drawn of them; ms: how long this may take now.
  const prepare = (ms) => {
    ends = [latent(s.a), latent(s.b)];
    const origin = styled ? generator.mean : ends[0].map(() => 0);
    space = new LatentPlane(origin, ...ends);
    // Of the ends as they are without truncation, so that it is seen to pull them in.
    half = 1.4 / closer * (styled ? Math.max(...[s.a, s.b].map((i) => size(generator.map(first(i))))) : typical);
    list();
    work(ms);
    if (player.playing()) player.show();
    else player.tell();
  };
  const controls = {};
  const set = (name) => (value) => {
    Object.assign(s, { [name]: value, free: s.free && GROUPS.includes(name) });
    controls[name].set(value);
    prepare(name === "truncation" ? 12 : 300);
  };
  const each = samples.map((_, i) => [i + 1, `sample ${i + 1}`]);
  controls.a = choice("A", each, 1, set("a"));
  controls.b = choice("B", each, 1, set("b"));
  const ways = [["arc", "arc in z"], ["straight", `straight in ${styled ? "w" : "z"}`]];
  controls.path = choice("Way", ways, "arc", set("path"));
  controls.truncation = slide(styled ? "Truncation ψ" : "Truncation: draw again |zᵢ| >",
    { min: least, max: none, step: 0.05, value: none,
      show: (v) => (v === 3 ? "none" : (+v).toFixed(2).replace("-", "−")) }, set("truncation"));
  for (const name of GROUPS) {
    controls[name] = choice(`${name} styles from`, [["here", "the point ●"], "A", "B"], "here", set(name));
  }
  const asked = make("div", {});
  // A link may say anything: what is not possible becomes what is.
  const load = (all) => {
    s = { ...all };
    s.t = Math.round(within(s.t, 0, WALK));
    for (const name of ["a", "b"]) s[name] = Math.round(within(s[name], 1, samples.length));
    s.truncation = within(s.truncation, least, none);
    if (s.path !== "straight") s.path = "arc";
    for (const name of GROUPS) if (!["A", "B"].includes(s[name])) s[name] = "here";
    if (!Object.hasOwn(questions, s.question)) s.question = "";
    for (const name in controls) controls[name].set(s[name]);
    asked.replaceChildren(...ask(questions[s.question] || {}));
    prepare(Infinity);
  };
  controls.question = choice("Question", [["", "my own"],
    ...Object.entries(questions).map(([name, { title }]) => [name, title])], "",
  (name) => load({ ...DEFAULTS, ...(name ? questions[name].settings : s), question: name }));
  load(settings(DEFAULTS, given));
  const { a, b, path, truncation, question } = controls;
  root.append(row(question), asked, views(150, big.element, pad.element, shelf.element),
    views(300, strip.element), player.bar, player.status, row(a, b, path, truncation),
    ...(styled ? [row(...GROUPS.map((name) => controls[name]))] : []), table, link(() => s));
  return { redraw: player.show, restore: (text) => load(settings(DEFAULTS, given, text)) };
});
