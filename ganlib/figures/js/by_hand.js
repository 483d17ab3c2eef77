import { ask, choice, colour, link, make, numbers, press, row, settings, shown } from "./page.js";
import { slide, start, views } from "./page.js";
import { Plane } from "./plane.js";
import { transport } from "./transport.js";
import { EDGE, GREATEST_LOGIT, KNOTS, ascend, board, gameValue } from "./by_hand_value.js";
import { keepLogit, logitAt, packKnots, placeOf, unpackKnots } from "./by_hand_value.js";

start((config, root) => {
  const defaults = { pair: "", scale: "probability", reveal: false, lose: false, chosen: 20, knots: "" };
  const { pairs, questions } = config;
  const asked = make("div");
  const s = settings(defaults, config);
  const SEEN = 120;
  const COIN = -Math.log(4);
  const FLOOR = -3;
  const places = Array.from({ length: KNOTS }, (_, k) => placeOf(k));
  const sigmoid = (l) => 1 / (1 + Math.exp(-l));
  const odds = (d) => Math.log(d / (1 - d));
  let table = null;
  let knots = new Float64Array(KNOTS);
  let game = null;
  let steps = 0;
  // Each step and each stroke of the hand can be taken back.
  let past = [];
  const inLogits = () => s.scale === "logit";
  // From a logit or a probability to the height of the picture and back.
  const height = (l) => (inLogits() ? l : sigmoid(l));
  const logitOf = (y) => keepLogit(inLogits() ? y : odds(Math.max(1e-9, Math.min(1 - 1e-9, y))));

  const inside = () => [...table.x.keys()].filter((i) => Math.abs(table.x[i]) <= EDGE);
  let cells = [];
  const lay = () => {
    table = board(pairs[s.pair]);
    cells = inside();
    asked.replaceChildren(...ask(questions[s.pair] || {}));
  };
  const value = () => { game = gameValue(table, knots); };
  const fromTable = (list) => cells.map((i) => list[i]);

  const drawHand = (plane) => {
    plane.axes("x", inLogits() ? "logit of D" : "D(x)");
    const xs = fromTable(table.x);
    const [low, high] = inLogits() ? [-GREATEST_LOGIT, GREATEST_LOGIT] : [0, 1];
    const tallest = Math.max(1, ...table.p, ...table.q);
    const area = (list, stroke, dash) => plane.curve([-EDGE, ...xs, EDGE],
      [low, ...fromTable(list).map((v) => low + (high - low) * v / tallest), low],
      { stroke, dash, width: 1.5, fill: `${stroke}38` });
    area(table.p, colour.real, []);
    area(table.q, colour.generated, [6, 4]);
    plane.curve([-EDGE, EDGE], [height(0), height(0)], { stroke: colour.theory, width: 1, dash: [2, 4] });
    if (s.reveal) {
      const best = fromTable(table.best);
      let part = [];
      // D* has gaps where neither density lives.
      [...best, NaN].forEach((d, j) => {
        if (Number.isFinite(d)) part.push([xs[j], height(Math.max(-50, Math.min(50, odds(d))))]);
        else if (part.length) {
          plane.curve(part.map((at) => at[0]), part.map((at) => at[1]),
            { stroke: colour.theory, width: 3, dash: [8, 5] });
          part = [];
        }
      });
    }
    plane.curve(xs, xs.map((x) => height(logitAt(knots, x))), { stroke: colour.discriminator, width: 2.5 });
    const fill = colour.discriminator;
    plane.dots([...knots].flatMap((l, k) => [places[k], height(l)]), KNOTS, { fill, size: 3 });
    const chosen = [places[s.chosen], height(knots[s.chosen])];
    plane.dots(chosen, 1, { fill: colour.ink, size: 6 });
    plane.dots(chosen, 1, { fill, size: 4 });
  };

  const drawIntegrand = (plane) => {
    const xs = fromTable(table.x);
    const now = fromTable(game.integrand);
    plane.axes("x");
    if (s.lose) {
      const most = fromTable(table.most);
      plane.curve([...xs, ...[...xs].reverse()], [...most, ...[...now].reverse()],
        { width: 0, fill: `${colour.generated}88` });
      plane.curve(xs, most, { stroke: colour.theory, width: 2, dash: [8, 5] });
    }
    plane.curve(xs, now, { stroke: colour.discriminator, width: 2.5 });
  };

  const drawBar = (plane) => {
    const { c } = plane;
    const box = (from, to, fill) => {
      c.fillStyle = fill;
      c.fillRect(plane.px(from), plane.py(0.65), plane.px(to) - plane.px(from), 0.3 * plane.high);
    };
    box(FLOOR, 0, colour.faint);
    box(FLOOR, Math.max(FLOOR, game.value), colour.discriminator);
    const mark = (v, name, y) => {
      plane.curve([v, v], [0.25, 0.75], { stroke: colour.ink, width: 2.5 });
      const right = plane.px(v) > plane.wide - 60;
      plane.text(v, y, right ? `${name} ` : ` ${name}`, { align: right ? "right" : "left" });
    };
    mark(COIN, "D = ½", 0.74);
    mark(table.ceiling, "ceiling", 0.06);
  };

  const hand = new Plane({ label: "D, drawn by hand", x: [-4.15, 4.15], y: [-0.06, 1.06], aspect: 1.5,
    caption: "Drag the curve. Blue, solid: p, the data. Orange, dashed: q, generated.", draw: drawHand,
    drag: ({ x, y, first }) => stroke(x, y, first), nudge: (dx, dy) => push(Math.sign(dx), dy) });
  const sum = new Plane({ label: "The integrand", x: [-4.15, 4.15], y: [-1.6, 0.12], aspect: 1.5,
    caption: " ", draw: drawIntegrand });
  const gauge = new Plane({ label: "V(D)", caption: " ", x: [FLOOR, 0.03], y: [0, 1], aspect: 16,
    draw: drawBar });
  gauge.canvas.style.minHeight = "56px";

  const distance = () => table.ceiling - game.value;
  const score = () => {
    const gain = table.ceiling - COIN;
    if (gain < 1e-6) return distance() < 5e-5 ? "no D does better" : "a loss: D = ½ was better";
    const share = (game.value - COIN) / gain;
    return share < -5e-4 ? "worse than D = ½"
      : `${(100 * Math.max(0, share)).toFixed(1)} % of the way from D = ½ to the ceiling`;
  };
  const summary = () => `V(D) = ${shown(game.value)} nats, ${shown(distance())} below the ceiling of `
    + `${shown(table.ceiling)}.`;
  const redraw = () => {
    hand.y = inLogits() ? [-GREATEST_LOGIT - 0.6, GREATEST_LOGIT + 0.6] : [-0.06, 1.06];
    hand.redraw();
    sum.redraw();
    gauge.redraw();
    gauge.caption.textContent = `${summary()} The bar begins at ${shown(FLOOR, 0)}.`;
  };
  const says = () => {
    const d = `D(${shown(places[s.chosen], 1)}) = ${shown(sigmoid(knots[s.chosen]))}`;
    hand.say("D over the two densities. Arrow keys left and right choose a knot, up and down move it. "
      + `Now ${d}.`);
    sum.say(`The integrand of V${s.lose ? " below the greatest it can be" : ""}. ${summary()}`);
    sum.caption.textContent = "What each place adds to V: p log D + q log(1 − D)."
      + (s.lose ? " Dashed: the most it can be. Orange: what you lose." : "");
    gauge.say(summary());
    return `${d}. V(D) = ${shown(game.value)} nats: ${score()}.`;
  };

  const remember = () => {
    past.push([knots, steps]);
    if (past.length > 3000) past.shift();
    knots = knots.slice();
  };
  const show = () => {
    value();
    place.set(s.chosen);
    level.set(knots[s.chosen]);
    data.update();
  };
  const forward = () => {
    remember();
    knots = ascend(table, knots);
    steps += 1;
    show();
    return true;
  };
  const back = (n) => {
    if (past.length) [knots, steps] = past.splice(-n)[0];
    show();
  };
  const bar = transport({ forward, back, redraw, says, rate: 15, leap: 10,
    start: () => {
      [past, steps, knots] = [[], 0, new Float64Array(KNOTS)];
      show();
    },
    // Around the knot in hand.
    zoom: (factor) => [hand, sum].forEach((plane) => {
      plane.zoom(factor);
      plane.move(places[s.chosen] - (plane.x[0] + plane.x[1]) / 2, 0);
    }),
    time: () => `step ${steps}` });
  const changed = (act, tell = true) => {
    bar.pause();
    act();
    show();
    if (tell) bar.tell();
    else bar.show();
  };

  // A fast stroke skips knots: those between two events lie on the line between them.
  let last = null;
  const stroke = (x, y, first) => changed(() => {
    if (first) remember();
    const knot = Math.max(0, Math.min(KNOTS - 1, Math.round((x + EDGE) / (2 * EDGE) * (KNOTS - 1))));
    const [from, before] = first ? [knot, y] : last;
    for (let k = Math.min(from, knot); k <= Math.max(from, knot); k++) {
      knots[k] = logitOf(k === knot ? y : before + (y - before) * (k - from) / (knot - from));
    }
    last = [knot, y];
    s.chosen = knot;
  }, false);
  hand.canvas.addEventListener("pointerup", () => bar.tell());
  const push = (across, up) => changed(() => {
    s.chosen = Math.max(0, Math.min(KNOTS - 1, s.chosen + across));
    if (!up) return;
    remember();
    knots[s.chosen] = logitOf(height(knots[s.chosen]) + up);
  });

  const toggle = (name, label) => {
    const button = press(label, () => changed(() => { s[name] = !s[name]; mark(); }));
    const mark = () => button.setAttribute("aria-pressed", s[name]);
    mark();
    return Object.assign(button, { mark });
  };
  const reveal = toggle("reveal", "Reveal D*");
  const lose = toggle("lose", "Show where I lose");
  const pair = choice("Densities", Object.entries(pairs).map(([name, { title }]) => [name, title]), s.pair,
    (v) => changed(() => { s.pair = v; lay(); }));
  const scale = choice("Height", [["probability", "D"], ["logit", "logit of D"]], s.scale,
    (v) => changed(() => { s.scale = v; }));
  const place = slide("Knot", { min: 0, max: KNOTS - 1, step: 1, value: s.chosen,
    show: (k) => `x = ${shown(places[k], 1)}` }, (v) => changed(() => { s.chosen = v; }));
  const level = slide("D there", { min: -GREATEST_LOGIT, max: GREATEST_LOGIT, step: 0.05, value: 0,
    show: (l) => shown(sigmoid(l)) }, (v) => changed(() => {
    remember();
    knots[s.chosen] = v;
  }));
  const data = numbers("The numbers", ["x", "p", "q", "D", "D*"], () => places.map((x, k) => {
    const i = Math.min(table.x.length - 1, table.x.findIndex((v) => v > x));
    const best = Number.isFinite(table.best[i]) ? shown(table.best[i]) : "any";
    const [p, q, d] = [table.p[i], table.q[i], sigmoid(knots[k])].map((v) => shown(v));
    return [shown(x, 1), p, q, d, s.reveal ? best : "?"];
  }));
  data.lastChild.style.maxHeight = "250px";
  const apply = () => {
    if (!Object.hasOwn(pairs, s.pair)) s.pair = Object.keys(pairs)[0];
    s.chosen = Math.max(0, Math.min(KNOTS - 1, Math.round(s.chosen)));
    if (!inLogits()) s.scale = "probability";
    knots = s.knots ? unpackKnots(s.knots) : new Float64Array(KNOTS);
    [past, steps] = [[], 0];
    pair.set(s.pair);
    scale.set(s.scale);
    reveal.mark();
    lose.mark();
    lay();
  };
  root.append(asked, views(300, hand.element, sum.element), views(300, gauge.element), bar.bar,
    bar.status, row(reveal, lose, pair, scale), row(place, level), data,
    link(() => ({ pair: s.pair, scale: s.scale, reveal: s.reveal, lose: s.lose, chosen: s.chosen,
      knots: packKnots(knots) })));
  changed(apply);
  const restore = (text) => changed(() => {
    Object.assign(s, settings(defaults, s, text));
    apply();
  });
  return { redraw, restore };
});
