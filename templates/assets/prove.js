// What was sent while the form was under attack, from a page that had not asked for it: the browser works for it now, and
// nobody has to look at it first (docs/forms.md). Whatever comes of that, the visitor goes on.
const asked = document.querySelector("[data-prove]");
const { prove, text, bits, then } = asked.dataset;
const over = (taken) => {
  asked.hidden = true;
  // In a frame the page around is told by framed.js.
  document.dispatchEvent(new Event("leadline:proven"));
  if (parent !== window) return;
  if (then) location.assign(then);
  else if (taken) location.reload();
};
asked.hidden = false;
const worker = new Worker("/assets/proof_worker.js");
worker.onmessage = ({ data }) =>
  fetch(prove, { method: "POST", body: new URLSearchParams({ proof: data }) }).then(({ ok }) => over(ok), () => over(false));
worker.onerror = () => over(false);
worker.postMessage({ text, bits: Number(bits) });
