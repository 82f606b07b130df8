// The outbox and what else this phone keeps for one person, in a database of theirs. No module, since the worker loads it too.
(() => {
  const AT_ONCE = 20;      // items in one request, as the server takes them
  const PATIENCE = 20000;  // milliseconds for an answer
  const PATIENCE_PHOTO = 90000;
  const KEPT = /^person-(\d+)$/;  // the cache of a person's pages

  const base = (person) => `salesorg-${person}`;
  const cacheOf = (person) => `person-${person}`;

  function open(person) {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(base(person), 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("items", { keyPath: "client_id" });  // written here, not yet stored by the server
        asked.result.createObjectStore("kept");                             // facts of the day, to read without network
      };
      asked.onsuccess = () => {
        asked.result.onversionchange = () => asked.result.close();
        resolve(asked.result);
      };
      asked.onerror = () => reject(asked.error);
    });
  }

  /** `work(store)` in one transaction; resolves with its result only when all of it is on the disk. */
  async function within(person, store, mode, work) {
    const database = await open(person);
    try {
      return await new Promise((resolve, reject) => {
        const change = database.transaction(store, mode, { durability: "strict" });
        const asked = work(change.objectStore(store));
        change.oncomplete = () => resolve(asked?.result);
        change.onabort = () => reject(change.error ?? new DOMException("aborted", "AbortError"));
      });
    } finally {
      database.close();
    }
  }

  /** All of them or none: a visit is not kept without its photos. */
  const put = (person, ...all) => within(person, "items", "readwrite", (store) => { all.forEach((item) => store.put(item)); }).then(changed);
  const remove = (person, ...ids) => within(person, "items", "readwrite", (store) => { ids.forEach((id) => store.delete(id)); }).then(changed);
  const find = (person, id) => within(person, "items", "readonly", (store) => store.get(id));
  const items = async (person) => (await within(person, "items", "readonly", (store) => store.getAll())).sort((a, b) => a.logged_at.localeCompare(b.logged_at));
  /** A mended item takes the place of the refused one in one step: at no moment are there two, or none. */
  const replace = (person, id, ...all) => within(person, "items", "readwrite", (store) => { store.delete(id); all.forEach((item) => store.put(item)); }).then(changed);
  const mark = (person, id, refused) => within(person, "items", "readwrite", (store) => {
    const asked = store.get(id);
    asked.onsuccess = () => { if (asked.result) store.put({ ...asked.result, refused }); };
  });

  const keep = (person, name, value) => within(person, "kept", "readwrite", (store) => store.put(value, name));
  const kept = (person, name) => within(person, "kept", "readonly", (store) => store.get(name));

  const channel = () => new BroadcastChannel("salesorg-outbox");
  /** Tells every open page, this one too, that the list is another. */
  function changed(result) {
    const line = channel();
    line.postMessage("changed");
    line.close();
    self.dispatchEvent(new Event("outbox"));
    return result;
  }

  /** Whoever this phone keeps pages for: one person at most. */
  async function keeper() {
    const name = (await caches.keys()).find((each) => KEPT.test(each));
    return name ? Number(KEPT.exec(name)[1]) : null;
  }

  /** Everybody who has a database here, so that another person's sign-in removes what is not theirs. */
  async function others(person) {
    const named = await indexedDB.databases?.() ?? [];
    const found = named.map(({ name }) => Number(/^salesorg-(\d+)$/.exec(name)?.[1])).concat((await caches.keys()).map((name) => Number(KEPT.exec(name)?.[1])));
    return [...new Set(found)].filter((each) => each && each !== person);
  }

  /** Removes what may be read here of a person: pages and facts. What they wrote and is not sent stays for them. */
  async function forgetKept(person) {
    await caches.delete(cacheOf(person));
    await within(person, "kept", "readwrite", (store) => store.clear());
  }

  /** Removes everything of a person, what is not sent too. */
  async function forget(person) {
    await caches.delete(cacheOf(person));
    await new Promise((resolve, reject) => {
      const asked = indexedDB.deleteDatabase(base(person));
      asked.onsuccess = resolve;
      asked.onerror = () => reject(asked.error);
    });
  }

  const locked = (work) => (navigator.locks ? navigator.locks.request("salesorg-outbox", work) : work());
  const ask = (url, options = {}, patience = PATIENCE) => fetch(url, { credentials: "same-origin", cache: "no-store", ...options, headers: { Accept: "application/json", ...options.headers }, signal: AbortSignal.timeout(patience) });

  /**
   * Sends what waits, or `only` these items. Resolves with { state, answers }: "sent", "empty", "offline" (kept for later),
   * "sign in" (the session has ended, or is another person's), "forbidden" (the role no longer logs), "broken" (the server's fault).
   * Whatever the state, an item leaves this phone only when the server says that it has it.
   */
  async function send({ person, url, photo, only, say = false, patience = PATIENCE }) {
    return locked(async () => {
      const all = only ?? (await items(person)).filter((item) => !item.refused);
      const due = all.filter((item) => item.kind !== "photo");
      if (!all.length) return { state: "empty", answers: [] };
      const answers = [];
      try {
        const session = await ask(url, {}, patience);
        if (!session.ok) return { state: fault(session.status), answers };
        const { person: now, token } = await session.json();
        if (now !== person) return { state: "sign in", answers };
        for (let from = 0; from < due.length; from += AT_ONCE) {
          const body = JSON.stringify({ person, say, clock: new Date().toISOString(), items: due.slice(from, from + AT_ONCE) });
          const answer = await ask(url, { method: "POST", body, headers: { "Content-Type": "application/json", "X-CSRFToken": token } }, patience);
          if (!answer.ok) return { state: fault(answer.status), answers };
          answers.push(...(await answer.json()).answers);
          await settle(person, answers.slice(from), Boolean(only));
        }
        for (const item of only ? [] : await photosDue(person)) answers.push(...await sendPhoto(person, photo, token, item));
        return { state: "sent", answers, token };
      } catch (error) {
        return { state: "offline", answers, error };
      } finally {
        if (answers.length) changed();
      }
    });
  }

  /** Those whose visit is stored: it no longer waits here. */
  async function photosDue(person) {
    const left = await items(person);
    const visits = new Set(left.filter((item) => item.kind !== "photo").map((item) => item.client_id));
    return left.filter((item) => item.kind === "photo" && !item.refused && !visits.has(item.visit));
  }

  /** One by one, since each may be large. */
  async function sendPhoto(person, url, token, { client_id: id, visit, planned = "", file, name }) {
    const body = new FormData();
    for (const [field, value] of Object.entries({ person, client_id: id, visit, planned })) body.append(field, value);
    body.append("photo", file, name);
    const answer = await ask(url, { method: "POST", body, headers: { "X-CSRFToken": token } }, PATIENCE_PHOTO);
    if (!answer.ok) throw new Error(`photo: ${answer.status}`);
    const { answers } = await answer.json();
    await settle(person, answers, false);
    return answers;
  }

  const fault = (status) => ({ 401: "sign in", 403: "forbidden" })[status] ?? "broken";

  /** What is stored goes; what is refused stays and says why, unless its form is still on the screen and says it there. */
  async function settle(person, answers, onScreen) {
    for (const { client_id: id, state, said, fields, errors } of answers) {
      if (state === "stored") await within(person, "items", "readwrite", (store) => store.delete(id));
      else if (!onScreen) await mark(person, id, { said, fields, errors });
    }
  }

  self.outbox = { put, remove, replace, find, items, keep, kept, keeper, others, forgetKept, forget, send, ask, channel, cacheOf };
})();
