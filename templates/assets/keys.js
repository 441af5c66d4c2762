// Keyboard shortcuts: each presses what is on the page, so that nothing can be done by key alone.
"use strict";

const sheet = document.getElementById("keys");
const choice = sheet?.querySelector("[data-keys-on]");
const opener = document.querySelector("[data-keys-open]");
const rows = () => [...document.querySelectorAll("[data-row]")];

function on() {
  try { return localStorage.getItem("leadline-keys") !== "off"; } catch { return true; }
}

// The row somebody is in: where the focus is, or was put last.
function current() {
  return document.activeElement?.closest("[data-row]") ?? document.querySelector("[data-row].at");
}

function go(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
  all.forEach((row) => row.classList.toggle("at", row === next));
  next.querySelector("a, button")?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function target(key) {
  const mark = `[data-key="${key}"]`;
  const inRow = current()?.querySelector(mark);
  // A row's own steps need a row: nothing is decided about a lead nobody chose.
  return inRow ?? [...document.querySelectorAll(mark)].find((found) => !found.closest("[data-row]"));
}

function press(found) {
  if ("focus" in found.dataset) {
    const place = found.dataset.focus ? document.getElementById(found.dataset.focus) : found;
    place?.focus();
    return;
  }
  found.click();
  if (found.matches("summary")) found.parentElement.querySelector("input:not([type=hidden])")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  if (event.key === "?" && sheet) {
    event.preventDefault();
    sheet.showModal();
    return;
  }
  if (!on()) return;
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    go(event.key === "j" ? 1 : -1);
    return;
  }
  const found = /^[a-z]$/.test(event.key) ? target(event.key) : null;
  if (found) {
    event.preventDefault();
    press(found);
  }
});

if (sheet && opener) {
  opener.hidden = false;
  opener.addEventListener("click", () => sheet.showModal());
}
if (choice) {
  choice.checked = on();
  choice.addEventListener("change", () => {
    try { localStorage.setItem("leadline-keys", choice.checked ? "on" : "off"); } catch { /* for this page alone */ }
  });
}
