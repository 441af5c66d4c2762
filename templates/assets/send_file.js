// Sends a chosen list to the blob store itself, by a form the service signs for this one file. Without script, or when
// the service takes files with the request, the page's own form does it.
"use strict";

const form = document.querySelector("form[data-prepare]");

function say(text) {
  const place = form.querySelector("[data-said]");
  place.textContent = text;
  place.hidden = !text;
  delete form.dataset.sent;
  form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
}

// XMLHttpRequest, because fetch does not tell how much has been sent.
function send(target, file, shown) {
  const body = new FormData();
  for (const [name, value] of Object.entries(target.fields)) body.append(name, value);
  body.append("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => { shown.value = 100 * event.loaded / event.total; });
    request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(new Error(request.status))));
    request.addEventListener("error", () => reject(new Error("network")));
    request.open("POST", target.url);
    request.send(body);
  });
}

async function prepare(file) {
  const asked = new URLSearchParams({ file_name: file.name });
  for (const name of ["csrf", "campaign", "new_campaign", "basis"]) asked.append(name, form.elements[name].value);
  const answer = await fetch(form.dataset.prepare, { method: "POST", body: asked, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

form?.addEventListener("submit", async (event) => {
  const file = form.elements.file.files[0];
  const named = form.elements.campaign.value || form.elements.new_campaign.value.trim();
  // What is missing is said by the server, as without script.
  if (!file || !file.size || !named) return;
  event.preventDefault();
  const shown = form.querySelector("[data-sending]");
  shown.hidden = false;
  say("");
  try {
    const prepared = await prepare(file);
    await send(prepared.form, file, shown);
    location.assign(prepared.draft);
  } catch {
    shown.hidden = true;
    say(form.dataset.failed);
  }
});
