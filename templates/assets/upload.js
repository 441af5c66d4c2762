// The progress of an upload, asked for each second. Without script the page reloads itself instead.
"use strict";

const panel = document.getElementById("progress");
const bar = panel?.querySelector("progress");
const said = panel?.querySelector("[data-said]");
const count = bar?.nextElementSibling;

function show(now) {
  bar.max = now.rows || 1;
  bar.value = now.done;
  if (!now.rows) return;
  const format = new Intl.NumberFormat(document.documentElement.lang);
  const [done, rows] = [format.format(now.done), format.format(now.rows)];
  count.textContent = `${done} / ${rows}`;
  const words = panel.dataset.words.replace("{done}", done).replace("{rows}", rows);
  // Written only when it changes: each change is read aloud.
  if (said.textContent !== words) said.textContent = words;
}

async function look() {
  try {
    const answer = await fetch(panel.dataset.source, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.ok) {
      const now = await answer.json();
      show(now);
      if (!now.running) {
        said.textContent = panel.dataset.done;
        location.reload();
        return;
      }
    }
  } catch {
    // The network is away for a moment; the next look may find it again.
  }
  setTimeout(look, 1000);
}

if (panel) look();
