// Where a visitor came from, from the first page to the form; stores and reads nothing (docs/tracker.md):
//   <script src="https://leads.example/t.js" async></script>
(() => {
  "use strict";
  const home = new URL(document.currentScript.src).origin;
  const sources = /^(utm_\w+|gclid|gbraid|wbraid|dclid|msclkid|fbclid|li_fat_id|ttclid|bd_vid|twclid)$/;
  const minute = () => Math.floor(Date.now() / 60000);
  const query = new URLSearchParams(location.search);

  // The page before, of another site, without its query.
  const referrer = (() => {
    try {
      const { host, origin, pathname } = new URL(document.referrer);
      return host === location.host ? "" : (origin + pathname).slice(0, 200);
    } catch {
      return "";
    }
  })();
  // What of this address says where the visitor came from.
  const landed = () => {
    const found = {};
    query.forEach((value, name) => {
      if (sources.test(name.toLowerCase())) found[name.toLowerCase()] ||= value.slice(0, 200);
    });
    if (referrer) found.referrer = referrer;
    if (Object.keys(found).length) found.landing_url = (location.origin + location.pathname).slice(0, 200);
    return found;
  };
  const others = (search) => search.slice(1).split("&").filter((part) => part && !part.startsWith("_ll="));
  // What an earlier page put into the link; after half an hour it is of another visit.
  const carried = () => {
    const told = query.get("_ll");
    if (!told) return null;
    const age = minute() - parseInt(told, 36);
    if (!referrer && age >= 0 && age <= 30) {
      const fields = [...new URLSearchParams(told.slice(told.indexOf(".") + 1))];
      return Object.fromEntries(fields.filter(([name]) => sources.test(name) || /^(landing_url|referrer)$/.test(name)));
    }
    const rest = others(location.search).join("&");
    history.replaceState(history.state, "", location.pathname + (rest && "?" + rest) + location.hash);
    return null;
  };

  const first = carried() || landed();
  const packed = () => `${minute().toString(36)}.${new URLSearchParams(leadline.visit())}`;
  const bare = (address) => address.split("#")[0];

  const follow = ({ target }) => {
    const link = target.closest("a[href]");
    if (!leadline.visit().landing_url || !link || bare(link.href) === bare(location.href)) return;
    if (link.origin === location.origin) {
      link.search = [...others(link.search), `_ll=${encodeURIComponent(packed())}`].join("&");
    } else if (link.origin === home && link.pathname.startsWith("/f/")) {
      link.search = new URLSearchParams([...Object.entries(leadline.visit()), ...new URLSearchParams(link.search)]);
    }
  };
  addEventListener("click", follow, true);
  addEventListener("auxclick", follow, true);

  addEventListener("submit", ({ target }) => {
    const { origin } = new URL(target.getAttribute("action") || "", location);
    let fields = {};
    if (origin === home) fields = { ...leadline.visit(), visitor: leadline.visitor() };
    else if (origin === location.origin && target.method === "get") fields = { _ll: packed() };
    for (const [name, value] of Object.entries(fields)) {
      const field = target.elements[name] || document.createElement("input");
      if (!field.form) target.append(Object.assign(field, { type: "hidden", name }));
      field.value ||= value;
    }
  }, true);

  // What stores or deletes is a script of its own, not loaded before the site said yes or no.
  const queued = window.leadline;
  window.leadline = {
    visit: () => ({ ...first }),
    visitor: () => "",
    consent(given) {
      this.agreed = given && !navigator.globalPrivacyControl && navigator.doNotTrack !== "1";
      if (this.decided) this.decided();
      else {
        this.decided = () => {};
        document.head.append(Object.assign(document.createElement("script"), { src: `${home}/t-visits.js` }));
      }
    },
    push: ([name, ...given]) => leadline[name](...given),
  };
  if (Array.isArray(queued)) queued.forEach(leadline.push);
})();
