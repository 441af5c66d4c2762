// An open lead page hears that somebody else changed the lead. Without this the server still refuses what is sent from
// an old page; with it nobody types in vain.
"use strict";

const box = document.querySelector("[data-live]");
const EVERY = 5000;
// Whoever has left the desk asks for nothing.
const AWAY = 10 * 60 * 1000;
let tag = box.dataset.tag;
let active = Date.now();
let waits = EVERY;

async function look() {
  if (document.visibilityState !== "visible" || Date.now() - active > AWAY) return;
  try {
    const answer = await fetch(box.dataset.live, { headers: { "If-None-Match": tag, Accept: "application/json" }, cache: "no-store" });
    waits = answer.ok || answer.status === 304 ? EVERY : Math.min(waits * 2, 60000);
    if (answer.status === 404) tell(box.dataset.gone);
    if (answer.redirected) tell(box.dataset.signedOut);
    else if (answer.status === 200) {
      tag = answer.headers.get("ETag") || tag;
      tell((await answer.json()).text);
    }
  } catch {
    waits = Math.min(waits * 2, 60000);
  }
}

// Told once for each new state, and read out by a screen reader: the box is a status.
function tell(text) {
  const line = box.querySelector("[data-said]");
  if (line.textContent === text) return;
  box.hidden = false;
  line.textContent = text;
}

function again() {
  setTimeout(async () => { await look(); again(); }, waits);
}

for (const kind of ["pointerdown", "keydown", "scroll", "focus"]) {
  addEventListener(kind, () => { active = Date.now(); }, { passive: true });
}
document.addEventListener("visibilitychange", () => { active = Date.now(); look(); });
again();
