// In a frame of embed.js: tells the page around how high this one is, and that the form was sent. Nothing of what was
// typed is told.
"use strict";

if (parent !== window) {
  const tell = (what) => parent.postMessage(what, "*");
  const sent = document.querySelector("[data-sent-form]");
  // Where the visitor agreed to be recognised on the site around: their id there, for a form that asks for it, and what
  // the visit began with. Both are sent with the form.
  const form = document.querySelector("form[method=post]");
  const sources = /^(utm_\w+|landing_url|referrer|\w+clk?id|gbraid|wbraid|li_fat_id|bd_vid)$/;
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || !form || !data || data.leadline !== "visitor") return;
    if (form.elements.visitor) form.elements.visitor.value = String(data.visitor);
    for (const [name, value] of Object.entries(data.visit)) {
      if (!sources.test(name)) continue;
      const field = form.elements[name] || document.createElement("input");
      if (!field.form) form.append(Object.assign(field, { type: "hidden", name }));
      field.value = String(value).slice(0, 500);
    }
  });
  tell({ leadline: "shown", title: document.title });
  const tellHeight = () => tell({ leadline: "height", height: document.body.offsetHeight });
  // At once as well: a frame out of sight is not drawn, and nothing is observed in it.
  tellHeight();
  addEventListener("load", tellHeight);
  new ResizeObserver(tellHeight).observe(document.body);
  if (sent) {
    const tellSent = () => tell({ leadline: "sent", to: sent.dataset.sentForm });
    sent.focus();
    // Where the browser still works for what was sent (prove.js), the page around does not go on before.
    if (document.querySelector("[data-prove]")) document.addEventListener("leadline:proven", tellSent, { once: true });
    else tellSent();
  }
}
