// The service worker: files of the shell from this phone, pages from the network, and without network what is kept for the person.
// self.SALESORG is written above by salesorg.home.offline: version, files, outbox, pages, today, lookup, product_lookup, sent_later, photo, words.
const { version, files, pages, today, lookup, product_lookup: productLookup, sent_later: sentLater, photo, words } = self.SALESORG;
importScripts(self.SALESORG.outbox);

const SHELL = `shell-${version}`;
const FILES = new Set(files.map((file) => new URL(file, location.origin).href));
const PATIENCE = 6000;  // milliseconds for a page that is kept here too: a network that hardly answers is none

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("sync", (event) => { if (event.tag === "outbox") event.waitUntil(sendLater()); });
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event, pathname));
  else if (request.method !== "GET") return;
  else if (FILES.has(request.url)) event.respondWith(fromShell(request));
  else if ([lookup, productLookup].includes(pathname)) event.respondWith(fetch(request).catch(() => offeredHere(new URL(request.url).searchParams.get("q") ?? "", pathname)));
});

async function install() {
  const shell = await caches.open(SHELL);
  await shell.addAll(files);
  await self.skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith("shell-") && name !== SHELL);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

async function fromShell(request) {
  const shell = await caches.open(SHELL);
  return await shell.match(request) ?? fetch(request);
}

// ── pages ──

const isKept = (pathname) => [today, ...Object.values(pages)].includes(pathname);

async function page(event, pathname) {
  const online = Promise.resolve(event.preloadResponse).then((early) => early ?? fetch(event.request));
  online.catch(() => {});  // answered below, or too late to matter
  try {
    return event.request.method === "GET" && isKept(pathname) ? await Promise.race([online, tooLate(pathname)]) : await online;
  } catch {
    // A form that is not kept in the outbox could not be sent: the page says so, and the tab still holds what was typed.
    if (event.request.method !== "GET") return Response.redirect(`${pages.offline}?unsent`, 303);
    return await keptPage(pathname) ?? noNetwork();
  }
}

/** Gives up on a slow network, but only when there is something to show instead. */
async function tooLate(pathname) {
  await new Promise((resolve) => { setTimeout(resolve, PATIENCE); });
  if (await keptPage(pathname)) throw new Error("slow");
  return new Promise(() => {});
}

async function keptPage(pathname) {
  const person = await outbox.keeper();
  if (!person) return null;
  const cache = await caches.open(outbox.cacheOf(person));
  const wanted = Object.values(pages).includes(pathname) ? pathname : pages.offline;
  const kept = await cache.match(wanted, { ignoreVary: true });
  if (!kept) return null;
  const told = (await kept.text()).replace("<html ", "<html data-unreached ");  // the page knows that it comes from here
  return new Response(told, { headers: kept.headers });
}

const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const html = (body, status) => new Response(body, { status, headers: { "Content-Type": "text/html; charset=utf-8" } });

/** For whoever is not signed in here, or was never here with network. */
function noNetwork() {
  const styles = files.filter((file) => /\.css$/.test(file)).map((file) => `<link rel="stylesheet" href="${file}">`).join("");
  return html(`<!doctype html><html lang="${escaped(words.language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(words.title)}</title>${styles}</head><body class="plain"><main id="main"><div class="card plain-card"><h1>${escaped(words.title)}</h1><p class="muted">${escaped(words.said)}</p><div class="row-of"><a class="btn btn-primary" href="">${escaped(words.again)}</a></div></div></main></body></html>`, 503);
}

/** The accounts or products kept on this phone whose words begin as typed, as parts/options.html would write them. */
async function offeredHere(typed, pathname) {
  const person = await outbox.keeper();
  const bundle = person && await outbox.kept(person, "bundle");
  const beginnings = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ name }) => beginnings.every((each) => name.toLowerCase().split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(each)));
  const goods = () => (bundle?.goods?.products ?? []).map(([id, name, code, unit]) => ({ id, name: `${name} ${code}`.trim(), address: unit }));
  const found = (pathname === productLookup ? goods() : bundle?.accounts ?? []).filter(fits).slice(0, 10);
  const options = found.map(({ id, name, address = "" }) => `<li class="menu-item" role="option" aria-selected="false" data-value="${id}"><span class="truncate" data-label>${escaped(name)}</span> <span class="small muted truncate">${escaped(address)}</span></li>`);
  return html(options.join("") || `<li class="menu-item muted" role="option" aria-disabled="true" aria-selected="false">${escaped(words.nothing)}</li>`, 200);
}

// ── the outbox, when the browser wakes us for it ──

async function sendLater() {
  const person = await outbox.keeper();
  if (!person) return;
  const { state } = await outbox.send({ person, url: sentLater, photo });
  if (state === "offline" || state === "broken") throw new Error(state);  // the browser tries again by itself
}
