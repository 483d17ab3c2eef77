// The self-test at a chapter's end: choosing an option opens its reason; choices are remembered on this device only.
const STORE = "ganlib.selftest";

function load() {
  try { return JSON.parse(localStorage.getItem(STORE)) || {}; } catch { return {}; }
}

function save(key, letters) {
  try { localStorage.setItem(STORE, JSON.stringify({ ...load(), [key]: letters })); } catch { /* private window */ }
}

function inputs(question) { return [...question.querySelectorAll("input")]; }

// "right", "partly" (several are right and not all of them are chosen), "wrong" or "" (nothing chosen)
function verdict(question) {
  const chosen = inputs(question).filter((i) => i.checked);
  const right = inputs(question).filter((i) => i.dataset.verdict === "right");
  if (!chosen.length) return "";
  if (chosen.some((i) => i.dataset.verdict === "wrong")) return "wrong";
  return chosen.length === right.length ? "right" : "partly";
}

const WORDS = {
  right: "Right.", wrong: "Not yet: read the reason, then choose again.", partly: "Right so far; there is more.", "": "",
};

function draw(question, speak) {
  inputs(question).forEach((i) => {
    const option = i.closest(".selftest-option"), details = option.querySelector("details");
    option.classList.toggle("is-right", i.checked && i.dataset.verdict === "right");
    option.classList.toggle("is-wrong", i.checked && i.dataset.verdict === "wrong");
    details.open = i.checked;
  });
  const words = question.querySelector(".selftest-verdict");
  words.textContent = WORDS[verdict(question)];
  if (!speak) words.removeAttribute("role");   // a page that loads does not read out what was answered last week
  const form = question.closest("form"), all = [...form.querySelectorAll(".selftest-question")];
  const right = all.filter((q) => verdict(q) === "right").length;
  form.querySelector(".selftest-score").textContent = right ? `${right} of ${all.length} right.` : "";
}

window.addEventListener("DOMContentLoaded", () => {
  const before = load();
  document.querySelectorAll("form.selftest").forEach((form) => {
    form.classList.add("live");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.querySelectorAll(".selftest-question").forEach((question) => {
      const letters = before[question.dataset.key] || [];
      inputs(question).forEach((i) => { i.checked = letters.includes(i.value); });
      draw(question, false);
    });
    form.addEventListener("change", (event) => {
      const question = event.target.closest(".selftest-question");
      question.querySelector(".selftest-verdict").setAttribute("role", "status");
      save(question.dataset.key, inputs(question).filter((i) => i.checked).map((i) => i.value));
      draw(question, true);
    });
  });
});
