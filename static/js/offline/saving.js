// A form marked data-outbox is kept on this phone before it is sent, so that no lost network, closed tab or empty battery loses it.
// What the server refuses is shown in the form; what does not reach it waits in the outbox.
import { forget as forgetDraft } from "../forms.js";
import { keeps, outbox, person, say, sayNext, told } from "./here.js";
import { askToBeWoken, show } from "./sending.js";

const PATIENCE = 8000;  // milliseconds: then it waits in the outbox and the person goes on

const later = () => new Promise((resolve) => { setTimeout(() => resolve({ state: "offline", answers: [] }), PATIENCE); });

/** What was typed, by the names of the form's fields. */
function fieldsOf(form) {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string" || name === "csrfmiddlewaretoken" || name.endsWith("__text")) continue;
    if (!(name in fields)) fields[name] = value;
    else fields[name] = [fields[name], value].flat();
  }
  return fields;
}

const chosen = (form, name) => form.querySelector(`[name="${name}"]:checked`)?.closest("label")?.textContent.trim()
  ?? form.elements.namedItem(name)?.selectedOptions?.[0]?.textContent ?? "";

export function itemOf(form) {
  const fields = fieldsOf(form);
  return {
    client_id: fields.client_id || (form.dataset.clientId ||= crypto.randomUUID()),  // saved again, it is the same
    kind: form.dataset.outbox,
    account: fields.account || form.dataset.account || "",
    planned: form.dataset.planned || "",
    fields,
    logged_at: new Date().toISOString(),
    title: form.dataset.accountName || form.querySelector("[name=account__text]")?.value || "",
    words: [form.dataset.words || chosen(form, "kind"), chosen(form, "outcome")].filter(Boolean).join(" · "),
  };
}

/** Photos are items of their own: a visit of a few hundred bytes must not wait for megabytes. */
const photosOf = (form, visit) => [...form.elements.photos?.files ?? []].map((file) => ({
  client_id: crypto.randomUUID(), kind: "photo", visit: visit.client_id, planned: visit.planned, file, name: file.name,
  fields: {}, logged_at: visit.logged_at, title: visit.title, words: file.name,
}));

const refuse = (form, message, fields = []) => form.dispatchEvent(new CustomEvent("refused", { bubbles: true, detail: { message, fields } }));

async function save(form) {
  const mended = form.dataset.mends;
  const item = itemOf(form);
  const photos = photosOf(form, item);
  try {
    await (mended ? outbox.replace(person, mended, item, ...photos) : outbox.put(person, item, ...photos));
    navigator.storage?.persist?.();
  } catch { return saveUnkept(form); }
  const sent = navigator.onLine === false ? { state: "offline", answers: [] }
    : await Promise.race([outbox.send({ person, url: told.sentLater, only: [item], say: true, patience: PATIENCE }), later()]);
  const [answer] = sent.answers;
  // Photos follow at once where the network is good; else they wait, and the person goes on.
  if (answer?.state === "stored" && photos.length) await Promise.race([outbox.send({ person, url: told.sentLater, photo: told.photo }), later()]);
  if (answer?.state === "stored") return goOn(form, form.dataset.next || answer.to || told.today);
  if (answer?.state === "refused") {
    await outbox.remove(person, item.client_id, ...photos.map((photo) => photo.client_id));  // they are on the screen
    delete form.dataset.mends;
    return showRefusal(form, answer, sent.token);
  }
  await show();
  askToBeWoken();
  sayNext(say({ "sign in": "savedSignIn", broken: "savedBroken" }[sent.state] ?? "saved"), sent.state === "offline" ? "info" : "warning");
  return goOn(form, told.today);
}

/** No room, or storage forbidden: it goes as a page would send it, once the server is known to answer. */
async function saveUnkept(form) {
  const session = navigator.onLine === false ? null : await outbox.ask(told.sentLater, {}, PATIENCE).catch(() => null);
  if (!session?.ok || !form.elements.csrfmiddlewaretoken) return refuse(form, say("noRoom"));
  form.elements.csrfmiddlewaretoken.value = (await session.json()).token;
  return HTMLFormElement.prototype.submit.call(form);
}

/** The page itself says what is wrong field by field; a form that came from this phone can only sum it up. */
function showRefusal(form, { said, fields }, token) {
  const ours = form.elements.csrfmiddlewaretoken;
  if (!ours || !token || form.dataset.fromPhone) return refuse(form, said, fields);
  ours.value = token;
  return HTMLFormElement.prototype.submit.call(form);
}

function goOn(form, page) {
  forgetDraft(form);
  sessionStorage.removeItem("draft-sent");
  location.assign(page);
}

// A page out of the browser's memory holds the number of something already saved.
addEventListener("pageshow", ({ persisted }) => { if (persisted) document.querySelectorAll("form[data-client-id]").forEach((form) => { delete form.dataset.clientId; }); });
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!keeps || event.defaultPrevented || !form.matches("form[data-outbox]")) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  save(form).catch(() => refuse(form, say("noRoom"))).finally(() => form.removeAttribute("aria-busy"));
});

// ── signing out: nothing of this person stays on the phone; what is not sent is said first ──

const leaving = document.querySelector("#leaving");

async function leave(form) {
  await outbox.send({ person, url: told.sentLater, photo: told.photo }).catch(() => {});
  const left = (await outbox.items(person)).length;
  if (left && leaving) {
    leaving.querySelector("[data-left]").textContent = left;
    leaving.showModal();
    if (!await new Promise((resolve) => { leaving.addEventListener("close", () => resolve(leaving.returnValue === "leave"), { once: true }); })) return;
  }
  await outbox.forget(person);
  form.dataset.left = "yes";
  form.requestSubmit();
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!person || !self.indexedDB || !self.caches || !form.matches("[data-sign-out]") || form.dataset.left) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const anyway = () => { form.dataset.left = "yes"; form.requestSubmit(); };  // storage that cannot be opened keeps nothing
  leave(form).catch(anyway);
}, true);
