// Small conveniences. Every page works without them.
"use strict";

// A second click does no harm (the server knows the form's token); this only shows that the first one counted.
document.addEventListener("submit", (event) => {
  const form = event.target;
  // What opens beside the page leaves the page as it is.
  if (form.method !== "post" || "many" in form.dataset || event.submitter?.formTarget === "_blank") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  // After the submission has been built: a disabled button would not send its name and value.
  setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
});

// Coming back by the browser's own button, the form can be sent again.
addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
  });
});

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
});

// Of tabs that do not fit, the one that is open is seen.
document.querySelector('.tabs [aria-current="page"]')?.scrollIntoView({ block: "nearest", inline: "center" });

// What went wrong is read first.
document.getElementById("errors")?.focus();
