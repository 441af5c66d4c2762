// While a form is under attack the browser works a moment for each post (docs/forms.md). It begins when the page is
// there, in a worker; who is quicker than that waits for the rest of a second when sending.
const field = document.querySelector("input[name=proof]");
const form = field.form;
const worker = new Worker("/assets/proof_worker.js");
let waiting = false;
worker.onmessage = ({ data }) => {
  field.value = data;
  if (waiting) form.requestSubmit();
};
// Without a worker it goes out all the same, and somebody looks at it first.
worker.onerror = () => worker.onmessage({ data: "none" });
worker.postMessage({ text: `${form.elements.opened.value}:${form.elements.once.value}:`, bits: Number(field.dataset.bits) });
form.addEventListener("submit", (event) => {
  if (field.value) return;
  event.preventDefault();
  // It has not been sent yet: nothing else is to take it for that (app.js).
  event.stopPropagation();
  waiting = true;
  form.querySelector("[data-proof]").hidden = false;
});
