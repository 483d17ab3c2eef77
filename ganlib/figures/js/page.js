// What every figure stands on: elements, controls, colours, and a word with the page around the frame.
export const make = (tag, properties = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};

export const LIGHT = { real: "#0072b2", generated: "#d55e00", discriminator: "#009e73", theory: "#444444",
  ink: "#222222", paper: "#ffffff", faint: "#d5d8dc", low: [84, 39, 136], middle: [247, 247, 247], high: [179, 88, 6],
  blank: [200, 202, 205] };
export const DARK = { real: "#56b4e9", generated: "#ff9350", discriminator: "#2fc796", theory: "#b9bdc2",
  ink: "#e6e8ea", paper: "#14181e", faint: "#3b424a", low: [120, 90, 200], middle: [38, 43, 50], high: [205, 110, 30],
  blank: [75, 81, 89] };
// The colours of now, by role. Read them while drawing.
export const colour = { ...LIGHT };

// A control is a label with its element; `set` changes it from outside without calling `change`. The value shown
// beside a slider is hidden from screen readers, which are told it already.
const control = (label, element, show = null) => {
  const box = make("label", {}, label, element, ...(show ? [show] : []));
  return Object.assign(box, { input: element });
};

export function choice(label, options, value, change) {
  const pairs = options.map((option) => (Array.isArray(option) ? option : [option, String(option)]));
  const list = make("select", {}, ...pairs.map(([v, text]) => make("option", { value: v }, text)));
  list.value = value;
  list.onchange = () => change(pairs[list.selectedIndex][0]);
  return Object.assign(control(label, list), { set: (v) => { list.value = v; } });
}

export function slide(label, { min, max, step, value, show = String }, change) {
  const range = make("input", { type: "range", min, max, step, value });
  const shown = make("output", { "aria-hidden": "true" });
  const set = (v) => {
    range.value = v;
    shown.textContent = show(v);
    range.setAttribute("aria-valuetext", show(v));
  };
  set(value);
  range.oninput = () => {
    set(+range.value);
    change(+range.value);
  };
  return Object.assign(control(label, range, shown), { set });
}

export function tick(label, checked, change) {
  const box = make("input", { type: "checkbox", checked });
  box.onchange = () => change(box.checked);
  return Object.assign(control(label, box), { set: (v) => { box.checked = v; } });
}

export const press = (text, act, properties = {}) =>
  make("button", { type: "button", onclick: act, ...properties }, text);

export const row = (...children) => make("div", { className: "row" }, ...children);

export const views = (least, ...children) =>
  make("div", { className: "views", style: `--least: ${least}px` }, ...children);

// A question to answer before playing; what happens is folded.
export const ask = ({ question, answer }) => (question ? [
  make("p", { className: "question" }, question),
  ...(answer ? [make("details", {}, make("summary", {}, "What happens, and why"), make("p", {}, answer))] : []),
] : []);

// Numbers for those who cannot see the picture, or want them exactly: filled when opened and by `update`.
export function numbers(title, head, rows) {
  const body = make("tbody");
  const columns = make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text)));
  const table = make("table", {}, make("thead", {}, columns), body);
  const box = make("div", { className: "box", role: "region", "aria-label": title, tabIndex: 0 }, table);
  const details = make("details", {}, make("summary", {}, title), box);
  details.update = () => {
    if (details.open) body.replaceChildren(...rows().map((cells) =>
      make("tr", {}, ...cells.map((cell) => make("td", {}, String(cell))))));
  };
  details.ontoggle = details.update;
  return details;
}

export const shown = (value, digits = 3) => (Number.isFinite(value)
  ? (Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 10 ** -digits)
    ? value.toExponential(1) : value.toFixed(digits)).replaceAll("-", "−") : "not finite");

// The figure's settings: what Python gave, over it what a link says. Only names that `defaults` has, of its types.
export function settings(defaults, config, text = "") {
  const all = { ...defaults, ...config };
  for (const [name, value] of new URLSearchParams(text)) {
    if (!(name in defaults)) continue;
    const type = typeof defaults[name];
    if (type === "number" && value.trim() !== "" && Number.isFinite(+value)) all[name] = +value;
    else if (type === "boolean") all[name] = value === "true";
    else if (type === "string") all[name] = value;
  }
  return all;
}

const tell = (message) => parent.postMessage({ ganlib: true, ...message }, "*");

// The page around: it may tell the theme, the link and a state; the figure tells its height. No answer is fine.
// redraw() after a change of colours; restore(text) when the link holds a state. The class "on" covers the picture
// beneath; a figure that cannot be built uncovers it again.
let around = { link: null };
export function start(build) {
  const root = document.getElementById("figure");
  const config = JSON.parse(document.getElementById("config").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let figure = null;
  const paint = (theme) => {
    document.documentElement.className = theme === "dark" ? "on dark" : "on";
    Object.assign(colour, theme === "dark" ? DARK : LIGHT);
    if (figure) figure.redraw();
  };
  const system = () => paint(dark.matches ? "dark" : "light");
  system();
  dark.onchange = () => { if (!around.theme) system(); };
  try {
    figure = build(config, root);
  } catch (error) {
    document.documentElement.className = "";
    root.remove();
    throw error;
  }
  addEventListener("message", ({ data, source }) => {
    if (source !== parent || !data || !data.ganlib) return;
    around = data;
    if (data.theme) paint(data.theme);
    if (data.state && figure.restore) figure.restore(data.state);
  });
  new ResizeObserver(() => tell({ height: Math.ceil(root.getBoundingClientRect().height) })).observe(root);
  tell({ hello: true });
}

// The button that puts the whole state into a link, or, without a page around, into words to copy.
export function link(state) {
  const field = make("input", { type: "text", readOnly: true, hidden: true,
    "aria-label": "The state as text, to copy" });
  const button = press("Link", () => {
    const text = new URLSearchParams(state()).toString();
    if (around.link) tell({ state: text });
    field.value = around.link ? `${around.link}?${text}` : text;
    field.hidden = false;
    field.focus();
    field.select();
  }, { title: "The whole state as a link" });
  return row(button, field);
}
