// The inbox: a row opens beside the list where there is room. Without this script it opens as a page of its own.
"use strict";
(() => {
  const wide = window.matchMedia("(min-width: 60.01rem)");
  const pane = () => document.getElementById("pane");
  const rows = () => [...document.querySelectorAll("a[data-case]")];

  const show = async (row) => {
    const target = pane();
    rows().forEach((one) => one.toggleAttribute("aria-current", one === row));
    const list = new URL(target.dataset.list, location.href);
    list.searchParams.set("case", row.dataset.case);
    history.replaceState(null, "", list);
    target.setAttribute("aria-busy", "true");
    const answer = await fetch(`${row.pathname}?pane=1&next=${encodeURIComponent(list.pathname + list.search)}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) { location.assign(row.href); return; }
    target.innerHTML = await answer.text();
    target.setAttribute("aria-busy", "false");
    target.scrollTop = 0;
    target.querySelectorAll("[data-with-script]").forEach((element) => { element.hidden = false; });
    window.htmx.process(target);
  };

  document.addEventListener("click", (event) => {
    const row = event.target.closest("a[data-case]");
    if (!row || !pane() || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    show(row);
  });
  document.addEventListener("DOMContentLoaded", () => {
    if (!pane() || !wide.matches || !rows().length) return;
    const chosen = new URL(location.href).searchParams.get("case");
    show(rows().find((row) => row.dataset.case === chosen) || rows()[0]);
  });
  const current = () => document.activeElement.closest("li.inbox-row") || document.querySelector("a[data-case][aria-current]")?.closest("li");
  const pick = (boxes, on) => boxes.forEach((box) => { if (box.checked !== on) box.click(); });
  document.addEventListener("DOMContentLoaded", () => {
    if (!window.lockstep || !rows().length) return;
    window.lockstep.key("o", "Open the case as a page", () => {
      const row = current()?.querySelector("a[data-case]");
      if (row) location.assign(row.href);
    });
    if (!document.querySelector("[data-pick]")) return;
    window.lockstep.key("x", "Pick the row", () => current()?.querySelector("[data-pick]")?.click());
    window.lockstep.key("X", "Pick the whole page", () => {
      const boxes = [...document.querySelectorAll("[data-pick]")];
      pick(boxes, !boxes.every((box) => box.checked));
    });
  });
})();
