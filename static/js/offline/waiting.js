// The page "Waiting to send": what is only on this phone, why something was refused, and what to do about it.
import { toast } from "../toasts.js";
import { keeps, outbox, person } from "./here.js";
import { flush } from "./sending.js";

const root = document.querySelector("[data-waiting-page]");
const words = document.querySelector("#waiting-words").dataset;
const template = document.querySelector('template[data-part="row"]');
const language = document.documentElement.lang;
const KINDS = { visit: "visitUrl" };  // every other kind has its form on the page without network

const noteOf = ({ fields }) => fields.note || fields.what || fields.subject || fields.next_subject || "";

function rowOf(item) {
  const row = template.content.cloneNode(true);
  const slot = (name) => row.querySelector(`[data-${name}]`);
  slot("title").textContent = item.title;
  slot("words").textContent = item.words;
  slot("note").textContent = noteOf(item);
  slot("when").textContent = new Date(item.logged_at).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
  if (!item.refused) return row;
  Object.assign(slot("said"), { textContent: item.refused.said, hidden: false });
  slot("refused-actions").hidden = false;
  slot("mend").href = `${root.dataset[KINDS[item.kind] ?? "otherUrl"]}?mend=${item.client_id}`;
  slot("hand-over").addEventListener("click", () => handOver(item));
  slot("remove").addEventListener("click", async () => {
    await outbox.remove(person, item.client_id);
    toast({ text: words.removed, level: "info" });
  });
  return row;
}

/** As text for a colleague, by whatever this phone shares with; it stays here until it is removed. */
async function handOver(item) {
  const text = [item.title, item.words, new Date(item.logged_at).toLocaleString(language), noteOf(item)].filter(Boolean).join("\n");
  try {
    if (navigator.share) await navigator.share({ title: item.title, text });
    else {
      await navigator.clipboard.writeText(text);
      toast({ text: words.copied, level: "info" });
    }
  } catch { /* given up by the person */ }
}

async function draw() {
  const items = await outbox.items(person);
  for (const [name, shown] of [["refused", items.filter((item) => item.refused)], ["waiting", items.filter((item) => !item.refused)]]) {
    root.querySelector(`[data-${name}-rows]`).replaceChildren(...shown.map(rowOf));
    root.querySelector(`[data-${name}-part]`).hidden = shown.length === 0;
  }
  root.querySelector("[data-none]").hidden = items.length > 0;
}

// One after the other, so that what was read first is never drawn last.
let drawn = Promise.resolve();
const drawAgain = () => { drawn = drawn.then(draw, draw); };

if (keeps) {
  // Listened for before the first reading: what is refused while that goes on must not be missed.
  outbox.channel().addEventListener("message", drawAgain);
  addEventListener("outbox", drawAgain);
  drawAgain();
  root.querySelector("[data-send-now]").addEventListener("click", async () => {
    await flush().catch(() => {});
    if ((await outbox.items(person)).some((item) => !item.refused)) toast({ text: words.still, level: "warning" });
  });
} else root.querySelector("[data-none]").hidden = false;
