// Shows a form of ours where this script stands in somebody else's page:
//   <script src="https://leads.example/embed.js" data-form="contact" async></script>
// The form is a page of ours in a frame: it sets no cookie, and the host's style and scripts do not reach it. The host
// is told how high it is, and that it was sent (event "leadline:sent"). Attributes: data-form, data-lang, data-theme.
(() => {
  "use strict";
  const script = document.currentScript;
  const form = script && script.dataset.form;
  if (!form) return console.error("embed.js: the attribute data-form names no form");

  const home = new URL(script.src).origin;
  const sources = /^(utm_\w+|gclid|gbraid|wbraid|dclid|msclkid|fbclid|li_fat_id|ttclid|bd_vid|twclid)$/;

  // Of the host's address what says where the visitor came from, and no more: the rest may be nobody's business.
  const landing = () => {
    const kept = new URL(location.pathname, location.origin);
    new URLSearchParams(location.search).forEach((value, name) => {
      if (sources.test(name.toLowerCase())) kept.searchParams.append(name.toLowerCase(), value.slice(0, 200));
    });
    return kept;
  };
  // The page before, where it was another site's.
  const referrer = () => {
    try {
      return new URL(document.referrer).host === location.host ? "" : document.referrer;
    } catch {
      return "";
    }
  };

  // What t.js (docs/tracker.md) has handed on from the first page of this visit, half an hour old at most.
  const carried = () => {
    const told = new URLSearchParams(location.search).get("_ll") || "";
    const age = Math.floor(Date.now() / 60000) - parseInt(told, 36);
    const fresh = !referrer() && age >= 0 && age <= 30;
    return fresh ? Object.fromEntries(new URLSearchParams(told.slice(told.indexOf(".") + 1))) : {};
  };

  const page = landing();
  const first = window.leadline && leadline.visit ? leadline.visit() : carried();
  const query = new URLSearchParams(first.landing_url ? first : page.search);
  if (!first.landing_url) {
    query.set("landing_url", page.href);
    if (referrer()) query.set("referrer", referrer());
  }
  const lang = script.dataset.lang || document.documentElement.lang;
  if (lang) query.set("lang", lang);
  // A site that knows no dark scheme shall not get a dark form.
  const meta = document.querySelector("meta[name=color-scheme]");
  const scheme = `${meta ? meta.content : ""} ${getComputedStyle(script.parentElement).colorScheme}`;
  const theme = script.dataset.theme || (scheme.includes("dark") ? "auto" : "light");
  query.set("theme", theme);

  const frame = document.createElement("iframe");
  frame.src = `${home}/embed/${encodeURIComponent(form)}?${query}`;
  frame.title = script.dataset.title || form;
  frame.style.width = "100%";
  frame.style.height = "30rem";
  frame.style.border = "0";
  frame.style.display = "block";
  // Were it another one than the page's in it, the frame would not be seen through.
  frame.style.colorScheme = theme === "light" ? "light" : "light dark";
  script.after(frame);

  // With consent alone there is an id (t-visits.js), be it given while the form stands here.
  const introduce = () => {
    if (!shown || !window.leadline || !leadline.visitor) return;
    const [visitor, visit] = [leadline.visitor(), leadline.visit()];
    frame.contentWindow.postMessage({ leadline: "visitor", visitor, visit }, home);
  };
  addEventListener("leadline:visitor", introduce);

  let shown = 0;
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== home || !data || typeof data !== "object") return;
    if (data.leadline === "height" && data.height > 0) {
      frame.style.height = `${Math.min(Math.ceil(data.height), 20000)}px`;
    } else if (data.leadline === "shown") {
      frame.title = String(data.title).slice(0, 200);
      shown += 1;
      introduce();
      // What comes after sending is shorter than the form: it would be above the window's edge.
      if (shown > 1 && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
    } else if (data.leadline === "sent") {
      frame.dispatchEvent(new CustomEvent("leadline:sent", { bubbles: true, detail: { form } }));
      if (/^https:\/\//.test(data.to)) location.assign(data.to);
    }
  });
})();
