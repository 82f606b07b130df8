// Reminders of what is planned: asked for once a minute while the page is looked at, told once in each browser, as a toast.
import { toast } from "./toasts.js";

const EVERY = 60_000; // milliseconds
const FIRST = 4_000;  // after the page has come, so that it comes no later
const KEPT = 50;      // keys of reminders already told
const address = document.body.dataset.reminders;

const told = () => { try { return JSON.parse(localStorage.getItem("reminders-told")) ?? []; } catch { return []; } };

async function ask() {
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const known = told();
    const fresh = (await answer.json()).reminders.filter(({ key }) => !known.includes(key));
    if (!fresh.length) return;
    localStorage.setItem("reminders-told", JSON.stringify([...known, ...fresh.map(({ key }) => key)].slice(-KEPT)));
    fresh.forEach(({ text, url }) => toast({ text, url, level: "info" }));
  } catch { /* without network: asked again in a minute */ }
}

if (address) {
  setTimeout(ask, FIRST);
  setInterval(ask, EVERY);
}
