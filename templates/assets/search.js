// Suggestions under the search box while somebody types (a combobox as in the ARIA Authoring Practices), and the key /
// that goes there. Without script the box is a plain form.
"use strict";

const seek = document.querySelector("form.seek");
const box = seek?.querySelector("input");
const list = document.createElement("div");
const told = document.createElement("p");
let asked = null;
let waiting = 0;
let at = -1;

function keysOn() {
  try { return localStorage.getItem("leadline-keys") !== "off"; } catch { return true; }
}

const options = () => [...list.querySelectorAll("[role=option]")];

function close() {
  list.hidden = true;
  at = -1;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}

function choose(next) {
  const all = options();
  at = next < 0 ? all.length - 1 : next % all.length;
  all.forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
  box.setAttribute("aria-activedescendant", all[at].id);
  all[at].scrollIntoView({ block: "nearest" });
}

// Texts come in pieces, each with whether it was found; they are written as text, never as markup.
function pieces(parts, into) {
  for (const [text, found] of parts) into.append(found ? Object.assign(document.createElement("mark"), { textContent: text }) : text);
  return into;
}

function option(href, name, below) {
  const made = document.createElement("a");
  made.href = href;
  made.tabIndex = -1;
  made.id = `seek-${options().length}`;
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  made.append(pieces(name, document.createElement("span")));
  if (below.length) made.append(pieces(below, Object.assign(document.createElement("span"), { className: "seek-below" })));
  return made;
}

function group(title, rows) {
  if (!rows.length) return;
  const made = document.createElement("div");
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", title);
  made.append(Object.assign(document.createElement("p"), { className: "seek-title", textContent: title, ariaHidden: "true" }));
  list.append(made);
  for (const row of rows) made.append(option(row.href, row.name, row.below ?? []));
}

function show(found) {
  list.replaceChildren();
  group(seek.dataset.people, found.people);
  group(seek.dataset.companies, found.companies);
  const count = options().length;
  if (count) list.append(option(`/app/search?q=${encodeURIComponent(box.value)}`, [[seek.dataset.all, false]], []));
  told.textContent = count ? seek.dataset.count.replace("{n}", count) : seek.dataset.none;
  at = -1;
  box.removeAttribute("aria-activedescendant");
  // The rail cuts off what is wider than itself: below the box, but at its own place on the screen.
  list.style.top = `${box.getBoundingClientRect().bottom + 4}px`;
  list.hidden = !count;
  box.setAttribute("aria-expanded", String(count > 0));
}

async function look() {
  asked?.abort();
  const text = box.value.trim();
  // One letter of ours means nobody; one character of Chinese is a family name.
  if (text.length < (/^[\x20-\x7e]*$/.test(text) ? 2 : 1)) { close(); return; }
  asked = new AbortController();
  try {
    const answer = await fetch(`${seek.dataset.suggest}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" }, signal: asked.signal });
    if (answer.ok && document.activeElement === box) show(await answer.json());
  } catch {
    // Overtaken by the next letter, or the network is away: the form still works.
  }
}

function keys(event) {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && !list.hidden) {
    event.preventDefault();
    choose(at < 0 && step < 0 ? -1 : at + step);
  } else if (event.key === "Enter" && at >= 0) {
    event.preventDefault();
    options()[at].click();
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    close();
  }
}

if (seek) {
  Object.assign(list, { id: "seek-list", className: "seek-list", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", seek.querySelector("label").textContent);
  Object.assign(told, { className: "sr" });
  // Read out as it changes; the role "status" is for what the page itself has to say.
  told.setAttribute("aria-live", "polite");
  seek.append(list, told);
  for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", "seek-list"], ["aria-autocomplete", "list"]]) box.setAttribute(name, value);
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 120);
  });
  box.addEventListener("keydown", keys);
  // A press on a suggestion must not take the focus first: the list would be gone.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  box.addEventListener("blur", close);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !keysOn()) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}
