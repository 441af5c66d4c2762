// Where a visitor came from, from the first page of the visit to the form (docs/tracker.md). On every page of a site:
//   <script src="https://leads.example/t.js" async></script>
// Nothing is stored or read on the device: it rides in the links to the site's own pages, and in forms sent to us.
(() => {
  "use strict";
  const home = new URL(document.currentScript.src).origin;
  const CARRIED = "_ll";
  const VISIT_MINUTES = 30;
  const sources = /^(utm_\w+|gclid|gbraid|wbraid|dclid|msclkid|fbclid|li_fat_id|ttclid|bd_vid|twclid)$/;
  const minute = () => Math.floor(Date.now() / 60000);

  // The page before, where it was another site's, without its query.
  const referrer = (() => {
    try {
      const { host, origin, pathname } = new URL(document.referrer);
      return host === location.host ? "" : (origin + pathname).slice(0, 200);
    } catch {
      return "";
    }
  })();
  // Of this page's address what says where the visitor came from, and no more.
  const landed = () => {
    const found = {};
    new URLSearchParams(location.search).forEach((value, name) => {
      if (sources.test(name.toLowerCase())) found[name.toLowerCase()] ||= value.slice(0, 200);
    });
    if (referrer) found.referrer = referrer;
    if (Object.keys(found).length) found.landing_url = (location.origin + location.pathname).slice(0, 200);
    return found;
  };
  const parts = (search) => search.slice(1).split("&").filter((part) => part && !part.startsWith(CARRIED + "="));
  // What an earlier page put into the link that led here. In a link that was passed on it is of somebody else's visit.
  const carried = () => {
    const told = new URLSearchParams(location.search).get(CARRIED);
    if (!told) return null;
    const age = minute() - parseInt(told, 36);
    if (!referrer && age >= 0 && age <= VISIT_MINUTES) {
      const fields = [...new URLSearchParams(told.slice(told.indexOf(".") + 1))];
      return Object.fromEntries(fields.filter(([name]) => sources.test(name) || /^(landing_url|referrer)$/.test(name)));
    }
    const rest = parts(location.search).join("&");
    history.replaceState(history.state, "", location.pathname + (rest && "?" + rest) + location.hash);
    return null;
  };

  const visit = carried() || landed();
  const packed = () => `${minute().toString(36)}.${new URLSearchParams(visit)}`;
  const bare = (address) => address.split("#")[0];

  const follow = ({ target }) => {
    const link = target.closest && target.closest("a[href]");
    if (!visit.landing_url || !link || !/^http/.test(link.protocol) || bare(link.href) === bare(location.href)) return;
    if (link.host === location.host) {
      link.search = [...parts(link.search), `${CARRIED}=${encodeURIComponent(packed())}`].join("&");
    } else if (link.origin === home && link.pathname.startsWith("/f/")) {
      link.search = new URLSearchParams({ ...visit, ...Object.fromEntries(new URLSearchParams(link.search)) });
    }
  };
  addEventListener("click", follow, true);
  addEventListener("auxclick", follow, true);

  const hide = (form, fields) => {
    for (const [name, value] of Object.entries(fields)) {
      const field = form.elements.namedItem(name) || document.createElement("input");
      if (!field.form) form.append(Object.assign(field, { type: "hidden", name }));
      field.value ||= value;
    }
  };
  addEventListener("submit", ({ target }) => {
    const to = new URL(target.getAttribute("action") || "", location.href);
    if (to.origin === home) hide(target, visit);
    else if (visit.landing_url && to.host === location.host && target.method === "get") {
      hide(target, { [CARRIED]: packed() });
    }
  }, true);

  window.leadline = { visit: () => ({ ...visit }) };
})();
