// Loaded by t.js once the site says `leadline.consent(true)`, never before: an id on the device, and the pages of the
// visit, told to us when a page is left (docs/tracker.md). With `leadline.consent(false)`, and in a browser with Global
// Privacy Control or Do Not Track whatever the site says, it is there to delete both and does nothing else.
(() => {
  "use strict";
  const home = new URL(document.currentScript.src).origin;
  const KEY = "leadline";
  const DEVICE_DAYS = 180;
  const VISIT_MINUTES = 30;
  const MOST_VIEWS = 50;
  let id = "";

  const random = (bytes) =>
    [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const tell = (what) => navigator.sendBeacon(`${home}/t`, JSON.stringify(what));
  // Read anew each time: the site may be open in several tabs. Where storage is switched off there is none.
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || {};
    } catch {
      return {};
    }
  };
  const keep = (known) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(known));
      return true;
    } catch {
      return false;
    }
  };

  const page = () => {
    if (!leadline.agreed) return;
    const now = Date.now();
    const stored = read();
    const known = stored.until > now ? stored : { id: random(16), until: now + DEVICE_DAYS * 86400000 };
    const came = leadline.visit();
    const another = came.landing_url && JSON.stringify(came) !== JSON.stringify(known.source);
    if (another || !(now - known.at < VISIT_MINUTES * 60000)) {
      Object.assign(known, { visit: random(6), start: now, sent: 0, source: came, views: [] });
    }
    known.at = now;
    known.views.push([Math.round((now - known.start) / 1000), location.pathname.slice(0, 200)]);
    known.views.splice(MOST_VIEWS);
    known.fresh = true;
    id = keep(known) ? known.id : "";
    leadline.visit = () => ({ ...known.source });
  };
  // One message for a page that is left, with the whole visit: it is one record, written over.
  const leave = () => {
    if (!id || document.visibilityState !== "hidden") return;
    const known = read();
    if (!known.fresh) return;
    const { visit, sent, source, views } = known;
    tell({ visitor: known.id, visit, sent, source, views, age: Math.round((Date.now() - known.start) / 1000) });
    keep({ ...known, sent: sent + 1, fresh: false });
  };
  const forget = () => {
    // On this page it may never have been given: what an earlier one kept goes all the same.
    const known = id || read().id;
    if (!known) return;
    tell({ forget: known });
    localStorage.removeItem(KEY);
    id = "";
  };

  // A link to the hosted form hands the id on behind the "#": our server is sent it with the form alone (visitor.js).
  const handOn = ({ target }) => {
    const link = target.closest("a[href]");
    if (!link || link.origin !== home || !link.pathname.startsWith("/f/") || !/^(#visitor=.*)?$/.test(link.hash)) return;
    link.hash = id && `visitor=${Math.floor(Date.now() / 60000).toString(36)}.${id}`;
  };
  addEventListener("click", handOn, true);
  addEventListener("auxclick", handOn, true);

  leadline.visitor = () => id;
  leadline.page = page;
  leadline.decided = () => {
    if (!leadline.agreed) forget();
    else if (!id) page();
    dispatchEvent(new Event("leadline:visitor"));
  };
  addEventListener("visibilitychange", leave);
  leadline.decided();
})();
