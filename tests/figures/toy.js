import { ask, choice, colour, link, numbers, row, settings, shown, slide, start, tick, views } from "./page.js";
import { Plane } from "./plane.js";
import { transport } from "./transport.js";

// The least figure that uses the whole kit: a point that goes round a circle.
start((config, root) => {
  const defaults = { radius: 1, colour: "real", ring: true, t: 0 };
  const state = (all) => Object.fromEntries(Object.keys(defaults).map((name) => [name, all[name]]));
  let now = state(settings(defaults, config));
  const angle = () => now.t * 0.05;
  const draw = (plane) => {
    plane.axes("x", "y");
    const at = (a) => [now.radius * Math.cos(a), now.radius * Math.sin(a)];
    const around = Array.from({ length: 61 }, (_, i) => at(i * Math.PI / 30));
    if (now.ring) plane.curve(around.map(([x]) => x), around.map(([, y]) => y));
    plane.dots(at(angle()), 1,
      { size: 6, fill: colour[now.colour] });
  };
  const place = new Plane({ label: "A point on a circle", caption: "The point, and where it goes", draw,
    drag: ({ x, y }) => change({ radius: Math.min(1.9, Math.hypot(x, y)) }),
    nudge: (dx) => change({ radius: Math.min(1.9, Math.max(0.1, now.radius + dx)) }) });
  const height = new Plane({ label: "Its height against time", x: [0, 200], draw: (plane) => {
    plane.axes("t");
    const ts = Array.from({ length: now.t + 1 }, (_, i) => i);
    plane.curve(ts, ts.map((t) => now.radius * Math.sin(t * 0.05)), { stroke: colour.discriminator });
  } });
  const player = transport({
    forward: () => now.t < 2000 && Boolean(now.t += 1),
    back: (n) => { now.t = Math.max(0, now.t - n); },
    start: () => { now.t = 0; },
    time: () => `t = ${now.t.toLocaleString("en")} steps`,
    says: () => `After ${now.t} steps the height is ${shown(now.radius * Math.sin(angle()), 2)}.`,
    redraw: () => {
      place.redraw();
      height.redraw();
      table.update();
    },
    zoom: (factor) => place.zoom(factor),
    rate: 60, leap: 100,
  });
  const table = numbers("Numbers", ["t", "x", "y"], () => [[now.t, Math.cos(angle()), Math.sin(angle())]]);
  const span = { min: 0.1, max: 1.9, step: 0.1, value: now.radius, show: (v) => v.toFixed(1) };
  const radius = slide("Radius", span, (v) => change({ radius: v }));
  const fill = choice("Colour", [["real", "blue"], ["generated", "orange"]], now.colour,
    (v) => change({ colour: v }));
  const ring = tick("Show the circle", now.ring, (v) => change({ ring: v }));
  function change(some) {
    now = { ...now, ...some };
    if (!["real", "generated"].includes(now.colour)) now.colour = "real";
    now.radius = Math.min(1.9, Math.max(0.1, now.radius));
    now.t = Math.min(2000, Math.max(0, Math.round(now.t)));
    radius.set(now.radius);
    fill.set(now.colour);
    ring.set(now.ring);
    player.show();
  }
  root.append(...ask(config), views(220, place.element, height.element), player.bar, player.status,
    row(fill, radius, ring), table, link(() => now));
  player.tell();
  if (config.fails) throw new Error("a toy that fails");
  return {
    redraw: player.show,
    restore: (text) => {
      player.pause();
      change(state(settings(defaults, config, text)));
      player.tell();
    },
  };
});
