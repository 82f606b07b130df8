// Says what just happened, with Undo. The server sends the `toast` event in an HX-Trigger header (salesorg.lib.http.toast).

const STAY = 8000;       // milliseconds: long enough to read two lines and reach Undo
const STAY_ERROR = 20000;
const region = document.querySelector("#toasts");

export function toast({ text, undo_url = "", url = "", level = "success" }) {
  const item = document.querySelector("#toast-template").content.firstElementChild.cloneNode(true);
  item.dataset.level = level;
  const words = url ? Object.assign(document.createElement("a"), { href: url, textContent: text }) : text;
  item.querySelector("p").replaceChildren(words);
  const form = item.querySelector("form");
  if (undo_url) form.action = undo_url;
  else form.remove();
  region.append(item);
  expire(item);
}

/** Goes by itself, but never while it is pointed at or focused: its button must not vanish under the hand. */
function expire(item) {
  const stay = ["error", "info"].includes(item.dataset.level) ? STAY_ERROR : STAY;
  let timer;
  const start = () => { timer = setTimeout(() => item.remove(), stay); };
  const hold = () => clearTimeout(timer);
  item.addEventListener("pointerenter", hold);
  item.addEventListener("focusin", hold);
  item.addEventListener("pointerleave", start);
  item.addEventListener("focusout", start);
  start();
}

/** In words what went wrong with a request; `why` names one of the sentences of parts/toasts.html. */
function failed(why) {
  const sentences = document.querySelector("#failures");
  toast({ text: sentences.getAttribute(`data-${why}`) ?? sentences.dataset.broken, level: "error" });
}

region?.querySelectorAll(".toast-item").forEach(expire);  // the page of what is absent has none
region?.addEventListener("click", ({ target }) => target.closest("[data-dismiss-toast]")?.closest(".toast-item").remove());
document.addEventListener("toast", ({ detail }) => toast(detail));
document.addEventListener("htmx:sendError", () => failed("offline"));
document.addEventListener("htmx:timeout", () => failed("offline"));
document.addEventListener("htmx:responseError", ({ detail }) => failed(detail.xhr.status));
