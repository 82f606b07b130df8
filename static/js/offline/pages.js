// The page without network: which part by the address, filled from what this phone keeps.
import { setUp as setUpOrder } from "../order.js";
import { keeps, outbox, person, told } from "./here.js";

const root = document.querySelector("[data-offline-page]");
const part = (name) => document.querySelector(`template[data-part="${name}"]`);
const copy = (name) => part(name).content.cloneNode(true);
const language = document.documentElement.lang;
const day = (text) => new Date(`${text}T12:00`).toLocaleDateString(language, { weekday: "short", day: "numeric", month: "short" });
const slot = (piece, name) => piece.querySelector(`[data-${name}]`);
const write = (piece, name, text) => { const place = slot(piece, name); if (place) { place.textContent = text ?? ""; place.hidden = !text; } };
const address = (name, key = 0) => root.dataset[`${name}Url`].replace("/0/", `/${key}/`);
const takeUrl = (key, more = "") => `${address("take")}?account=${key}${more}`;
const logUrl = (key) => `${address("log")}?account=${key}`;

function title(text, more = "") {
  document.title = `${text} · Salesorg`;
  document.querySelector("h1").textContent = text;
  if (more) document.querySelector("h1").insertAdjacentElement("afterend", Object.assign(document.createElement("span"), { className: "count", textContent: more }));
}

function rows(piece, name, facts, fill) {
  const list = piece.querySelector(`[data-rows="${name}"]`);
  list.replaceChildren(...facts.map((fact) => {
    const row = copy(name);
    fill(row, fact);
    return row;
  }));
  const empty = list.parentElement.querySelector("[data-empty]");
  if (empty) empty.hidden = facts.length > 0;
  const section = list.closest("[data-section]");
  if (section) section.hidden = facts.length === 0;
}

/** Links to call and mail, of the one part that makes them; the bundle holds only numbers and addresses that may be used. */
function reach({ phone = "", email = "" }) {
  const piece = copy("reach");
  for (const [link, value, address] of [[piece.querySelectorAll("a")[0], phone, phone.replace(/[^\d+]/g, "")], [piece.querySelectorAll("a")[1], email, encodeURIComponent(email).replace("%40", "@")]]) {
    if (value) Object.assign(link, { href: `${link.protocol}${address}`, textContent: value });
    else link.remove();
  }
  return piece;
}

function account(piece, { id, name, address: street, words }) {
  Object.assign(slot(piece, "account"), { textContent: name, href: address("account", id) });
  write(piece, "words", street ?? words);
}

const parts = {
  today(bundle, state) {
    title(part("today").dataset.title, day(bundle.day));
    const piece = copy("today");
    const named = new Map(bundle.accounts.map((each) => [each.id, each]));
    rows(piece, "planned", bundle.planned, (row, { id, account: key, words, due }) => {
      account(row, named.get(key) ?? { id: key, name: "" });
      write(row, "words", words);
      write(row, "due", day(due));
      slot(row, "due").classList.toggle("bad", due < bundle.day);
      slot(row, "log").href = address("done", id);
    });
    rows(piece, "steps", bundle.steps, (row, step) => {
      write(row, "deal", step.deal);
      write(row, "words", [step.account, step.step].filter(Boolean).join(" · "));
      write(row, "due", day(step.due));
      slot(row, "take").href = takeUrl(step.of, `&deal=${step.id}`);
      slot(row, "take").hidden = !bundle.goods || !named.has(step.of);
    });
    rows(piece, "accounts", bundle.accounts, account);
    const list = piece.querySelector('[data-rows="accounts"]');
    slot(piece, "narrow").addEventListener("input", ({ target }) => {
      const typed = target.value.toLowerCase();
      [...list.children].forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(typed); });
    });
    write(piece, "as-of", new Date(state.at).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" }));
    return piece;
  },
  account(one, { goods, agreed = [] }) {
    title(one.name);
    const piece = copy("account");
    write(piece, "words", one.words);
    write(piece, "address", one.address);
    slot(piece, "phone").append(reach({ phone: one.phone }));
    if (slot(piece, "log")) {
      slot(piece, "log").href = logUrl(one.id);
      slot(piece, "plan").href = address("plan", one.id);
      slot(piece, "order").href = goods && part("taken") ? takeUrl(one.id) : address("order", one.id);
    }
    rows(piece, "agreed", agreed.filter((each) => each.account === one.id), (row, { id, name }) => {
      Object.assign(slot(row, "take"), { href: takeUrl(one.id, `&proposal=${id}`), textContent: name });
    });
    rows(piece, "contacts", one.contacts ?? [], (row, contact) => {
      write(row, "name", contact.name);
      write(row, "position", contact.position);
      slot(row, "reach").append(reach(contact));
    });
    rows(piece, "visits", one.visits ?? [], (row, visit) => {
      write(row, "words", [visit.words, visit.by].join(" · "));
      write(row, "note", visit.note);
      write(row, "on", day(visit.on));
    });
    return piece;
  },
  form(name, { account: one, planned, words, item, deal, version }) {
    title(part(name).dataset.title);
    const piece = copy(name);
    const form = piece.querySelector("form");
    if (form.elements.client_id) form.elements.client_id.value = crypto.randomUUID();  // the page is kept, its number is one of an earlier day
    form.action = item ? location.pathname : location.href;
    Object.assign(form.dataset, { account: one?.id ?? "", accountName: one?.name ?? "", planned: planned ?? "" });
    if (words && name === "done") form.dataset.words = words;
    write(piece, "about", [one?.name, words, version?.name].filter(Boolean).join(" · "));
    if (name === "taken") orderFrom(form, deal, version);
    piece.querySelectorAll("[data-order]").forEach(setUpOrder);
    if (version) form.dispatchEvent(new CustomEvent("agreed", { detail: version.lines }));
    if (item) mend(form, item);
    return piece;
  },
  nothing(name = "nothing") {
    title(part(name).dataset.title);
    return copy(name);
  },
};

/** An order says which deal or accepted proposal it comes from; the prices of that one are in its own currency. */
function orderFrom(form, deal, version) {
  form.elements.deal.value = deal ?? "";
  form.elements.proposal.value = version?.id ?? "";
  if (!version) return;
  form.elements.currency.value = version.currency;
  form.elements.discount?.closest("div").remove();  // that on the whole was agreed too
  const root = form.querySelector("[data-order]");
  Object.assign(root.dataset, { currency: version.currency, decimals: version.decimals });
  root.querySelector(".order-sum .unit").textContent = version.currency;
}

/** What was typed and refused, in the form again, with the account to be chosen anew when that was the fault. */
function mend(form, item) {
  form.dataset.mends = item.client_id;
  form.dataset.planned = item.planned ?? "";
  form.dataset.account = item.account;
  form.dataset.accountName = item.title;
  if (item.refused?.fields.includes("account")) form.prepend(copy("choose"));
  for (const [name, value] of Object.entries(item.fields)) {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (name === "client_id" || name === "account") continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked = [value].flat().includes(field.value);
      else field.value = value;
    }
  }
  form.dispatchEvent(new CustomEvent("mended", { detail: item.fields }));
  if (item.refused) form.prepend(Object.assign(document.createElement("div"), { className: "error-summary", textContent: item.refused.said }));
}

const accepted = (bundle, key) => bundle?.agreed?.find(({ id }) => String(id) === String(key));

async function choose() {
  const query = new URLSearchParams(location.search);
  if (query.has("unsent")) return parts.nothing("unsent");
  const [bundle, state] = [await outbox.kept(person, "bundle"), await outbox.kept(person, "state")];
  if (query.has("mend")) {
    const item = await outbox.find(person, query.get("mend"));
    if (!item) return parts.nothing();
    return parts.form(item.kind, { item, deal: item.fields.deal, version: accepted(bundle, item.fields.proposal) });
  }
  if (!bundle) return parts.nothing();
  const path = location.pathname;
  if (path === told.today || path === told.page) return parts.today(bundle, state);
  if (path === root.dataset.takeUrl && bundle.goods && part("taken")) {
    const one = bundle.accounts.find(({ id }) => String(id) === query.get("account"));
    const version = accepted(bundle, query.get("proposal"));
    if (one && (version || !query.has("proposal"))) return parts.form("taken", { account: one, deal: query.get("deal"), version });
  }
  for (const name of ["account", "plan", "order", "done"]) {
    const [before, after] = root.dataset[`${name}Url`].split("/0/");
    const key = path.startsWith(`${before}/`) && path.endsWith(`/${after}`) ? Number(path.slice(before.length + 1, path.length - after.length - 1)) : NaN;
    if (!Number.isInteger(key)) continue;
    const planned = name === "done" ? bundle.planned.find(({ id }) => id === key) : null;
    const one = bundle.accounts.find(({ id }) => id === (name === "done" ? planned?.account : key));
    if (!one) continue;
    return name === "account" ? parts.account(one, bundle) : parts.form(name, { account: one, planned: planned?.id, words: planned?.words });
  }
  return parts.nothing();
}

if (keeps) root.append(await choose().catch(() => parts.nothing()));
else root.append(parts.nothing());
root.querySelectorAll("form").forEach((form) => {
  if (!form.elements.next_kind) return;
  const follow = () => {
    form.querySelector("[data-on-a-day]").hidden = form.elements.next_in.value !== "day" && !form.elements.next_on.value;
    form.querySelector("[data-with-step]").hidden = !form.elements.next_kind.value;
  };
  form.addEventListener("change", ({ target }) => {
    const { next_kind: kind, next_in: wait } = form.elements;
    if (target === kind) wait.value = kind.value ? wait.value || "7" : "";
    follow();
  });
  follow();
});
