// Nothing typed is lost: a form marked data-draft is kept in this tab until the server has taken it. Ctrl-Enter saves.
// A refused change (`refused` event of salesorg.lib.http) is said in the form that asked, beside the fields it names.
import { toast } from "./toasts.js";

const key = (form) => `draft:${form.dataset.draft || form.getAttribute("action") || location.pathname}`;
const isBox = (field) => field.type === "checkbox" || field.type === "radio";
// The version one began to write on travels with the draft, so that the server sees what others saved meanwhile.
const isVersion = (field) => field.type === "hidden" && /(^|-)version$/.test(field.name);
const isKept = (field) => isVersion(field) || field.name && !["password", "file", "hidden", "submit", "button"].includes(field.type);

/** True for a field that is not as the page came. */
function isChanged(field) {
  if (isBox(field)) return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.value !== field.defaultValue;
}

/** Only what was changed is kept: a field left alone must show what others wrote into it meanwhile. */
function save(form) {
  const sentBack = form.matches("[data-bound]");  // in a form the server has refused everything was typed
  const fields = [...form.elements].filter(isKept).filter((field) => sentBack || isVersion(field) || isChanged(field));
  const values = fields.map((field) => [field.name, field.value, isBox(field) ? field.checked : null]);
  try { sessionStorage.setItem(key(form), JSON.stringify(values)); } catch { /* full or forbidden: the page itself still holds it */ }
}

/** What was typed into the form and not taken yet: [name, value, checked] of each field. */
export function draftOf(form) {
  const submitted = form.matches("[data-bound]");  // the server has sent back what was typed, and its errors
  try { return (!submitted && JSON.parse(sessionStorage.getItem(key(form)))) || []; } catch { return []; }
}

export function restore(form) {
  const draft = draftOf(form);
  if (!draft.length) return;
  const taken = new Set();
  for (const [name, value, checked] of draft) {
    const field = [...form.elements].find((each) => each.name === name && !taken.has(each) && (checked === null || each.value === value));
    if (!field) continue;
    taken.add(field);
    if (checked === null) field.value = value;
    else field.checked = checked;
  }
  form.querySelector("[data-draft-kept]")?.removeAttribute("hidden");
}

export const forget = (form) => sessionStorage.removeItem(key(form));

/** Drafts are given up when the server took the form: it answers with a page or fragment that is not the form in error. */
function setUp(root) {
  root.querySelectorAll("form[data-draft]").forEach((form) => {
    if (form.dataset.ready) return;
    form.dataset.ready = "yes";
    try { restore(form); } catch { forget(form); }
  });
}

function settleSent() {
  const sent = sessionStorage.getItem("draft-sent");
  if (!sent) return;
  sessionStorage.removeItem("draft-sent");
  const refused = document.body.matches(".plain")  // an error page, or the sign-in of someone whose session had ended
    || document.querySelector("[data-offline-page]")  // it did not reach the server
    || [...document.querySelectorAll("form[data-draft][data-bound]")].some((form) => key(form) === sent);
  if (!refused) sessionStorage.removeItem(sent);
}

/** What is wrong is never hidden below a fold. */
function unfold(field) {
  for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}

function refuse(form, { message, fields }) {
  form.querySelectorAll("[aria-invalid]").forEach((field) => { field.removeAttribute("aria-invalid"); field.classList.remove("is-invalid"); });
  const summary = form.querySelector(".error-summary") ?? form.insertAdjacentElement("afterbegin", Object.assign(document.createElement("div"), { className: "error-summary" }));
  summary.setAttribute("role", "alert");
  summary.tabIndex = -1;
  summary.textContent = message;
  const named = fields.map((name) => form.elements.namedItem(name)).filter((field) => field instanceof HTMLElement);
  named.forEach((field) => { field.setAttribute("aria-invalid", "true"); field.classList.add("is-invalid"); unfold(field); });
  (named[0] ?? summary).focus();
}

// A form is sent once, however often its button is pressed; after some seconds one may press again, should the answer never come.
const AGAIN_AFTER = 5000;  // ms
let sent = new WeakSet();
function onTheWay(form) {
  sent.add(form);
  setTimeout(() => sent.delete(form), AGAIN_AFTER);
}
document.addEventListener("submit", (event) => {
  if (!sent.has(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
window.addEventListener("submit", ({ target, defaultPrevented }) => { if (!defaultPrevented && target.method === "post") onTheWay(target); });
window.addEventListener("pageshow", () => { sent = new WeakSet(); });  // back on a page that the browser had kept
document.addEventListener("htmx:beforeSend", ({ detail }) => { if (detail.elt.method === "post") onTheWay(detail.elt); });
document.addEventListener("htmx:afterRequest", ({ detail }) => sent.delete(detail.elt));

document.addEventListener("input", ({ target }) => { const form = target.form; if (form?.matches("[data-draft]")) save(form); });
document.addEventListener("submit", ({ target }) => {
  if (target.matches("[data-sign-out]")) sessionStorage.clear();  // a shared machine keeps nothing of whoever left
  if (!target.matches("form[data-draft]")) return;
  save(target);
  sessionStorage.setItem("draft-sent", key(target));
});
document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest("[data-back]") && history.length > 1) { event.preventDefault(); history.back(); }
  const discard = target.closest("[data-discard-draft]");
  if (discard) { forget(discard.form); discard.form.reset(); discard.closest("[data-draft-kept]").hidden = true; }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.form) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
document.addEventListener("refused", ({ target, detail }) => {
  const form = target.closest?.("form");
  if (form) refuse(form, detail);
  else toast({ text: detail.message, level: "error" });
});
document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  // A part of the form that asks the server for something, such as what it comes to, has not sent the form.
  const form = target.matches?.("form, button") && target.closest("form[data-draft]");
  if (form && detail.successful) forget(form);
});
document.addEventListener("htmx:load", ({ target }) => {
  setUp(target);
  // Only when the answer is the form itself: a page opened in the side panel keeps the focus where it is.
  if (target.matches("form[data-bound]")) target.querySelector(".error-summary")?.focus();
});

settleSent();
setUp(document);
document.querySelector("[data-bound] .error-summary")?.focus();
