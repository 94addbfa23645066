// Lockstep: makes working pages quicker. Every page works without it.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Relative times and deadlines go on while the page stands still; the words are those of portal/ui/words.py.
  const duration = (seconds) => {
    const s = Math.abs(seconds);
    if (s < 60) return `${Math.floor(s)} s`;
    if (s < 5400) return `${Math.floor(s / 60)} min`;
    return s < 172800 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86400)} days`;
  };
  const distance = (s) => (Math.abs(s) < 60 ? "now" : s > 0 ? `in ${duration(s)}` : `${duration(s)} ago`);
  const timeLeft = (s) => (Math.abs(s) < 60 ? "due now" : `${duration(s)} ${s > 0 ? "left" : "late"}`);
  const say = (element, words) => { if (element.textContent !== words) element.textContent = words; };
  const tick = () => {
    const left = (element) => (Date.parse(element.dateTime) - Date.now()) / 1000;
    all("time[data-relative]").forEach((element) => say(element, distance(left(element))));
    all("time[data-deadline]").forEach((element) => {
      const seconds = left(element);
      say(element, timeLeft(seconds));
      const state = seconds < 0 ? "late" : seconds < 1800 ? "soon" : "calm";
      ["late", "soon", "calm"].forEach((name) => element.parentElement.classList.toggle(`clock-${name}`, name === state));
    });
  };

  // Copy buttons: <button data-copy="#id-of-the-text">; shown only where the browser can copy.
  const announce = (words) => { document.getElementById("live").textContent = words; };
  const copy = async (button) => {
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
    const before = button.textContent;
    button.textContent = "Copied";
    announce("Copied.");
    setTimeout(() => { button.textContent = before; }, 1500);
  };

  // Keys: data-key="j" or "g i" on a link, button or field presses or focuses it. Rows marked data-row are walked with j and k.
  const single = () => document.body.dataset.singleKeys === "on";
  const rows = () => all("[data-row]");
  const open = (row) => (row.matches("a, button") ? row : row.querySelector("a"));
  const step = (by) => {
    const list = rows();
    const now = list.findIndex((row) => row.contains(document.activeElement));
    const next = list[Math.min(Math.max(now + by, 0), list.length - 1)];
    if (next) (open(next) || next).focus();
  };
  const keys = new Map([
    ["?", { label: "Show this sheet", run: () => showKeys() }],
    ["j", { label: "Next row", run: () => step(1), when: () => rows().length }],
    ["k", { label: "Row before", run: () => step(-1), when: () => rows().length }],
  ]);
  // For pages with keys of their own: lockstep.key("e", "Resolve", () => …).
  const key = (combination, label, run) => keys.set(combination, { label, run });
  const press = (element) => (element.matches("input, select, textarea") ? element.focus() : element.click());
  const pageKeys = () => {
    const found = new Map([...keys].filter(([, entry]) => !entry.when || entry.when()));
    all("[data-key]").forEach((element) => {
      if (!element.disabled) found.set(element.dataset.key, { label: element.dataset.keyLabel || element.textContent.trim(), run: () => press(element) });
    });
    return found;
  };
  const showKeys = () => {
    const sheet = document.getElementById("shortcuts");
    const list = sheet.querySelector("[data-keys]");
    list.replaceChildren(...[...pageKeys()].flatMap(([combination, entry]) => {
      const [term, words] = [document.createElement("dt"), document.createElement("dd")];
      term.append(...combination.split(" ").flatMap((one) => [Object.assign(document.createElement("kbd"), { textContent: one }), " "]));
      words.textContent = entry.label;
      return [term, words];
    }));
    if (!sheet.open) sheet.showModal();
  };
  let begun = "";
  let waiting = 0;
  const pressed = (event) => {
    const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (!single() || typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const found = pageKeys();
    const combination = begun ? `${begun} ${event.key}` : event.key;
    clearTimeout(waiting);
    begun = "";
    if (found.has(combination)) {
      event.preventDefault();
      found.get(combination).run();
    } else if ([...found.keys()].some((one) => one.startsWith(`${event.key} `))) {
      begun = event.key;
      waiting = setTimeout(() => { begun = ""; }, 1200);
    }
  };

  // The bulk bar counts what is picked: <input type="checkbox" data-pick>, <input type="checkbox" data-pick-all>, <output data-picked>.
  const picked = () => {
    const boxes = all("input[data-pick]");
    const count = boxes.filter((box) => box.checked).length;
    all("[data-picked]").forEach((output) => say(output, `${count} picked`));
    all("input[data-pick-all]").forEach((box) => {
      box.checked = count > 0 && count === boxes.length;
      box.indeterminate = count > 0 && count < boxes.length;
    });
    all("[data-needs-pick]").forEach((button) => { button.disabled = count === 0; });
  };

  document.addEventListener("keydown", pressed);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) all("input[data-pick]").forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches("[data-pick], [data-pick-all]")) picked();
    if (event.target.matches("[data-send-on-change]")) event.target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-show-keys]");
    if (!button) return;
    if (button.dataset.copy) copy(button); else showKeys();
  });
  document.addEventListener("DOMContentLoaded", () => {
    all("[data-with-script]").forEach((element) => { element.hidden = false; });
    picked();
    tick();
    setInterval(tick, 15000);
  });
  document.addEventListener("htmx:after:swap", () => { tick(); picked(); });
  window.lockstep = { key, announce };
})();
