// The visit form without network: the account and its contacts come from this phone; a refused visit is mended in it.
import { keeps, outbox, person } from "./here.js";

const form = document.querySelector("form[data-outbox=visit]");
const query = new URLSearchParams(location.search);

const set = (name, value) => {
  for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (field.type === "radio" || field.type === "checkbox") field.checked = [value].flat().includes(field.value);
    else if (field.multiple) [...field.options].forEach((option) => { option.selected = [value].flat().includes(option.value); });
    else field.value = value;
  }
};

/** The people of this account to be ticked, as accounts/_brought.html shows them. */
function contactsOf({ contacts = [] }) {
  const fold = form.querySelector("details.more:has([name=needs])");
  if (!contacts.length || form.querySelector("[name=contacts]")) return;
  const piece = document.querySelector("#contacts-met").content.cloneNode(true);
  const [choice] = piece.querySelectorAll("label");
  choice.replaceWith(...contacts.map(({ id, name }) => {
    const each = choice.cloneNode(true);
    each.querySelector("input").value = id;
    each.querySelector("span").textContent = name;
    return each;
  }));
  fold.querySelector("summary").after(piece);
}

async function choose(key) {
  const bundle = await outbox.kept(person, "bundle");
  const account = bundle?.accounts.find(({ id }) => String(id) === String(key));
  const text = form.querySelector("[name=account__text]");
  if (!account || !text) return;
  set("account", account.id);
  text.value = account.name;
  contactsOf(account);
}

async function mend(item) {
  form.dataset.mends = item.client_id;
  await choose(item.account);
  for (const [name, value] of Object.entries(item.fields)) if (!["client_id", "account"].includes(name)) set(name, value);
  form.dispatchEvent(new Event("change"));
  if (item.refused) form.dispatchEvent(new CustomEvent("refused", { bubbles: true, detail: { message: item.refused.said, fields: item.refused.fields } }));
}

// What was suggested on the day on which this page was kept may lie in the past.
const today = new Date().toLocaleDateString("sv");  // as 2026-03-03, in the phone's own zone
form?.querySelectorAll("[data-suggestions] [data-on]").forEach((button) => { if (button.dataset.on <= today) button.remove(); });

if (form && keeps) {
  const item = query.has("mend") ? await outbox.find(person, query.get("mend")) : null;
  if (item) await mend(item);
  else if (query.get("account") && form.querySelector("[name=account__text]")) await choose(query.get("account"));
}
