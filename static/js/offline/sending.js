// Sends what waits: on load, when the page is looked at again, when the network returns, and by the worker where the browser has it.
// Shows how many wait and whether there is a network.
import { counted, keeps, outbox, person, say, told } from "./here.js";
import { toast } from "../toasts.js";

const bar = document.querySelector("[data-connection]");
let saidSignIn = false;

export async function show() {
  const items = await outbox.items(person);
  const refused = items.filter((item) => item.refused).length;
  const offline = navigator.onLine === false || "unreached" in document.documentElement.dataset;
  bar.hidden = !items.length && !offline;
  bar.querySelector("[data-no-network]").hidden = !offline;
  const link = bar.querySelector("[data-waiting]");
  link.hidden = !items.length;
  link.querySelector("[data-waiting-words]").textContent = [
    items.length > refused ? counted("waiting", items.length - refused) : "",
    refused ? counted("refused", refused) : "",
  ].filter(Boolean).join(" · ");
  link.classList.toggle("is-refused", refused > 0);
  if (items.length) navigator.setAppBadge?.(items.length).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
}

/** Has the browser wake the worker when the network returns, though this page be closed; Safari and Firefox cannot. */
export async function askToBeWoken() {
  try {
    const worker = await navigator.serviceWorker?.ready;
    await worker?.sync?.register("outbox");
  } catch { /* forbidden, or not there: the next page sends */ }
}

export async function flush() {
  if (navigator.onLine === false) return;
  const { state, answers } = await outbox.send({ person, url: told.sentLater, photo: told.photo });
  if (state === "sent") {
    delete document.documentElement.dataset.unreached;
    await show();
  }
  const stored = answers.filter((answer) => answer.state === "stored");
  const refused = answers.filter((answer) => answer.state === "refused");
  if (stored.length === 1) toast({ text: stored[0].said, undo_url: stored[0].undo });
  else if (stored.length) toast({ text: counted("sent", stored.length) });
  if (refused.length) toast({ text: `${counted("refused", refused.length)}: ${refused[0].said}`, level: "error" });
  if (state === "sign in" && !saidSignIn) toast({ text: counted("signIn", (await outbox.items(person)).length), level: "warning" });
  if (state === "forbidden" && !saidSignIn) toast({ text: say("forbidden"), level: "error" });
  saidSignIn ||= state === "sign in" || state === "forbidden";  // once a page is enough
}

if (keeps && bar) {
  const quietly = (work) => () => work().catch(() => {});
  outbox.channel().addEventListener("message", quietly(show));
  addEventListener("online", quietly(async () => { await show(); await flush(); }));
  addEventListener("offline", quietly(show));
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") flush().catch(() => {}); });
  quietly(show)();
  quietly(flush)();
}
