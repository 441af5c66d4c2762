// A visitor who agreed to be recognised on the site that led here: its script (t-visits.js) hands their id on behind the
// "#", which no server is told. It goes into the form that asks for earlier visits, and out of the address, which may be
// passed on. Half an hour later it is another visit's.
const handed = location.hash;
const [, minute, id] = /^#visitor=([0-9a-z]{1,8})\.([0-9a-f]{32})$/.exec(handed) || [];
if (id) {
  const age = Math.floor(Date.now() / 60000) - parseInt(minute, 36);
  if (age >= 0 && age <= 30) document.querySelector("input[name=visitor]").value = id;
  history.replaceState(history.state, "", location.pathname + location.search);
  // Choosing another language leads back here: a redirect keeps what stands behind the "#".
  const languages = document.querySelector("form[action='/language']");
  if (languages) languages.action += handed;
}
