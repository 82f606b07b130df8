// Keeps this phone ready for work without network: registers the worker, fetches the day's facts and pages, and removes what is another's.
import { counted, keeps, outbox, person, told } from "./here.js";
import { toast } from "../toasts.js";

const FRESH = 5 * 60 * 1000;         // milliseconds for which the facts are not asked for again
const PAGES_FRESH = 12 * 3600 * 1000;  // nor the pages, which change with a release only
const PAGES = [told.page, told.waiting, told.visit];

/** Whoever signs in here finds nothing of the person before; what that one wrote and is not sent waits unseen for them. */
async function removeOthers() {
  for (const other of await outbox.others(person)) await outbox.forgetKept(other);
}

/** A page of nobody, such as the sign-in: when the server knows no session, what was kept goes. */
async function checkSession() {
  const keeper = await outbox.keeper();
  const [known] = keeper ? [keeper] : await outbox.others(0);
  if (!known) return;
  const session = await outbox.ask(told.sentLater);
  if (session.status === 401) {
    await outbox.forgetKept(known);
    const waiting = (await outbox.items(known)).length;
    if (waiting) toast({ text: counted("signIn", waiting), level: "warning" });
  }
}

export async function refresh({ now = false } = {}) {
  const state = await outbox.kept(person, "state") ?? {};
  const age = Date.now() - (state.at ?? 0);
  if (!now && age >= 0 && age < FRESH) return;
  const answer = await outbox.ask(told.bundle, { headers: state.tag ? { "If-None-Match": state.tag } : {} });
  if ([401, 403, 404].includes(answer.status)) return outbox.forgetKept(person);  // access was lost
  if (answer.status === 200) await outbox.keep(person, "bundle", await answer.json());
  else if (answer.status !== 304) return;
  const pagesAge = Date.now() - (state.pagesAt ?? 0);
  const pagesAt = pagesAge >= 0 && pagesAge < PAGES_FRESH && state.release === told.release ? state.pagesAt : await keepPages();
  await outbox.keep(person, "state", { at: Date.now(), tag: answer.headers.get("ETag") ?? state.tag, pagesAt, release: told.release });
}

async function keepPages() {
  const cache = await caches.open(outbox.cacheOf(person));
  for (const page of PAGES) {
    const answer = await fetch(page, { credentials: "same-origin", cache: "no-store", headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return 0;
    await cache.put(page, answer);
  }
  return Date.now();
}

async function start() {
  if (!self.indexedDB || !self.caches) return;
  if (person) await removeOthers();
  else return checkSession();
  if (!keeps) return;
  await navigator.serviceWorker?.register(told.worker, { scope: "/", updateViaCache: "none" });
  await refresh();
}

// After the page itself: what is kept for later must not slow down what is looked at now.
const later = () => start().catch(() => {});  // no network, or storage forbidden: the next page tries again
if (document.readyState === "complete") setTimeout(later, 0);
else addEventListener("load", () => setTimeout(later, 0));
