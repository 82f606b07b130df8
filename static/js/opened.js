// A customer reads a proposal: said once for each time its page is opened in sight.
const said = document.querySelector("[data-opened]");
if (said && document.visibilityState === "visible") fetch(said.dataset.opened, { method: "POST", keepalive: true });
