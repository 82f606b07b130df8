// The calendar: what has a time is placed by it, dragged or moved with the arrow keys; it goes at once and comes back when refused.

const STEP = 15;       // minutes: what a drag and an arrow key move by
const HOLD = 250;      // milliseconds a finger rests before it takes hold, so that scrolling moves nothing
const SLOP = 4;        // pixels a click may slip without being a drag
const DAY = 24 * 60;
const wide = matchMedia("(width >= 768px)");
const calendar = () => document.querySelector("[data-calendar]");
const first = () => calendar().dataset.fromHour * 60;
const last = () => calendar().dataset.untilHour * 60;
let drag = null;       // what is under the hand
let pressed = Promise.resolve(); // the moves by keys, one after the other
let dragged = false;   // the click that ends a drag opens nothing

// Positions are told through the object model: the content policy forbids them in the page.
function place(item) {
  for (const name of ["from", "length", "lane", "lanes"]) item.style.setProperty(`--${name}`, item.dataset[name]);
  item.style.setProperty("--from", item.dataset.from - first());
}

function placeAll() {
  const all = calendar();
  if (!all) return;
  all.style.setProperty("--hours", all.dataset.untilHour - all.dataset.fromHour);
  all.querySelectorAll("[data-from]").forEach(place);
  const now = all.querySelector("[data-now]");
  if (now) {
    now.hidden = now.dataset.now < first() || now.dataset.now > last();
    now.style.setProperty("--from", now.dataset.now - first());
  }
  all.classList.add("is-placed");
}

const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
const dayOf = (item) => item.closest("[data-day]");
const isTimed = (item) => item.dataset.from !== undefined;

/** Put the item where it shall go; returns how to put it back. */
function show(item, column, minute) {
  const back = { parent: item.parentElement, next: item.nextElementSibling, data: { ...item.dataset } };
  if (minute === null) {
    delete item.dataset.from;
    item.removeAttribute("style");
    column.querySelector("[data-all-day]").append(item);
  } else {
    Object.assign(item.dataset, { from: minute, length: item.dataset.length ?? 30, lane: 0, lanes: 1 });
    column.querySelector("[data-hours]").append(item);
    place(item);
  }
  return () => {
    back.parent.insertBefore(item, back.next?.parentElement === back.parent ? back.next : null);
    for (const name of Object.keys(item.dataset)) if (!(name in back.data)) delete item.dataset[name];
    Object.assign(item.dataset, back.data);
    if (isTimed(item)) place(item);
    else item.removeAttribute("style");
  };
}

async function move(item, column, minute, putBack = show(item, column, minute)) {
  const values = { day: column.dataset.day, at: minute === null ? "" : clock(minute), seen: item.dataset.place };
  item.setAttribute("aria-busy", "true");
  item.querySelector("a").focus({ preventScroll: true });
  let status = 0;
  item.addEventListener("htmx:beforeOnLoad", ({ detail }) => { status = detail.xhr.status; }, { once: true });
  try {
    await htmx.ajax("POST", item.dataset.move, { source: item, swap: "none", values });
  } catch { /* no answer: said in a toast, and it goes back */ }
  item.removeAttribute("aria-busy");
  if (status !== 204) {
    putBack();
    item.querySelector("a").focus({ preventScroll: true });
    if (status !== 422) return;
  }
  await refresh(item.id); // the others may stand beside it now, or it was moved by somebody else
}

async function refresh(focused) {
  await htmx.ajax("GET", calendar().dataset.url, { target: "#calendar", swap: "outerHTML" });
  document.querySelector(`#${focused} a`)?.focus({ preventScroll: true });
}

// ── by hand ──

function columnAt(x) {
  return [...calendar().querySelectorAll("[data-day]")].find((column) => {
    const box = column.getBoundingClientRect();
    return x >= box.left && x < box.right;
  });
}

/** The minute of the day at which the item's upper edge would stand; null over the row for the whole day. */
function minuteAt(column, y) {
  const box = column.querySelector("[data-hours]").getBoundingClientRect();
  if (y < box.top) return null;
  const minute = first() + Math.round(((y - box.top) / box.height) * (last() - first()) / STEP) * STEP;
  return Math.min(minute, DAY - STEP);
}

function take(item, event) {
  const box = item.getBoundingClientRect();
  drag = { item, x: event.clientX, y: event.clientY, grip: isTimed(item) ? event.clientY - box.top : 0, moved: false };
  if (event.pointerType !== "mouse") {
    drag.held = false;
    drag.timer = setTimeout(() => { if (drag) { drag.held = true; item.classList.add("is-dragged"); } }, HOLD);
  } else drag.held = true;
}

function drop() {
  if (!drag) return;
  clearTimeout(drag.timer);
  drag.item.classList.remove("is-dragged");
  drag = null;
}

document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest?.(".cal-item[data-move]");
  dragged = false;
  if (item && wide.matches && event.button === 0) take(item, event);
});
document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > SLOP;
  if (!drag.held) { if (far) drop(); return; } // a finger that scrolls
  if (!far && !drag.moved) return;
  drag.item.classList.add("is-dragged");
  const column = columnAt(event.clientX);
  if (!column) return;
  const minute = minuteAt(column, event.clientY - drag.grip + 1);
  if (!drag.moved) drag.putBack = show(drag.item, column, minute);
  else show(drag.item, column, minute);
  drag.moved = dragged = true;
  drag.to = { column, minute };
});
document.addEventListener("pointerup", () => {
  const { item, moved, to, putBack } = drag ?? {};
  drop();
  if (!moved) return;
  const now = to.minute === null ? to.column.dataset.day : `${to.column.dataset.day} ${clock(to.minute)}`;
  if (now === item.dataset.place) putBack();
  else move(item, to.column, to.minute, putBack);
});
document.addEventListener("pointercancel", () => { drag?.putBack?.(); drop(); });
document.addEventListener("touchmove", (event) => { if (drag?.held) event.preventDefault(); }, { passive: false });
document.addEventListener("click", (event) => {
  if (dragged && event.target.closest?.(".cal-item")) event.preventDefault();
  const free = event.target.matches?.("[data-hours][data-plan]") && wide.matches && !dragged;
  dragged = false;
  if (!free) return;
  const minute = minuteAt(event.target.closest("[data-day]"), event.clientY - 12);
  location.assign(`${event.target.dataset.plan}&at=${clock(Math.max(minute ?? 0, 0))}`);
}, true);

// ── by keys ──

const MOVES = { ArrowUp: [0, -STEP], ArrowDown: [0, STEP], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag) { drag.putBack?.(); drop(); return; }
  const item = document.activeElement?.closest?.(".cal-item[data-move]");
  if (!item || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase() === "a" ? "a" : event.key;
  if (key !== "a" && !MOVES[key]) return;
  event.preventDefault();
  pressed = pressed.then(() => byKey(document.getElementById(item.id), key)); // each waits for the one before: none is lost
});

/** Send the item where the key says; what cannot go there stays. */
function byKey(item, key) {
  if (!item) return null;
  const column = dayOf(item);
  if (key === "a") return isTimed(item) ? move(item, column, null) : null;
  const [days, minutes] = MOVES[key];
  const columns = [...calendar().querySelectorAll("[data-day]")];
  const to = columns[columns.indexOf(column) + days];
  if (!to) return null;
  if (minutes && !isTimed(item)) return minutes > 0 ? move(item, column, first()) : null;
  const minute = isTimed(item) ? Number(item.dataset.from) + minutes : null;
  return minute !== null && (minute < 0 || minute >= DAY) ? null : move(item, to, minute);
}

document.addEventListener("htmx:afterSettle", placeAll);
placeAll();
if (!wide.matches && !location.search) calendar().querySelector(".is-today")?.scrollIntoView(); // a week is long on a phone
