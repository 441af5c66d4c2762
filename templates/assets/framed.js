// In a frame of embed.js: tells the page around how high this one is, and that the form was sent. Nothing of what was
// typed is told.
"use strict";

if (parent !== window) {
  const tell = (what) => parent.postMessage(what, "*");
  const sent = document.querySelector("[data-sent-form]");
  tell({ leadline: "shown", title: document.title });
  const tellHeight = () => tell({ leadline: "height", height: document.body.offsetHeight });
  // At once as well: a frame out of sight is not drawn, and nothing is observed in it.
  tellHeight();
  addEventListener("load", tellHeight);
  new ResizeObserver(tellHeight).observe(document.body);
  if (sent) {
    tell({ leadline: "sent", to: sent.dataset.sentForm });
    sent.focus();
  }
}
