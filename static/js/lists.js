// Lists by keyboard: J and K move, Enter opens the row beside the list, X selects, E edits.
// A list is any element marked data-list; its rows are <tr> of tbody or [data-row], each with one link to its record.
import { typing } from "./keys.js";
import { open } from "./panel.js";

const rowsOf = (list) => [...list.querySelectorAll("tbody tr, [data-row]")];
const linkOf = (row) => row.querySelector("th a[href], [data-record][href]") ?? row.querySelector("a[href]");
const rowAt = (element) => element?.closest?.("[data-list] tbody tr, [data-list] [data-row]");

function current() {
  return rowAt(document.activeElement) ?? document.querySelector("[data-list] .is-open");
}

function move(step) {
  const list = current()?.closest("[data-list]") ?? document.querySelector("[data-list]");
  if (!list) return false;
  const rows = rowsOf(list);
  const at = rows.indexOf(current());
  const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  if (!next) return false;
  next.tabIndex = -1;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function select(row) {
  const box = boxOf(row);
  if (!box) return false;
  box.checked = !box.checked;
  lastBox = box;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

/** Where a record has no form of its own, its page is where it is worked on. */
function edit(row) {
  const link = row.querySelector("[data-edit]") ?? linkOf(row);
  link?.click();
  return Boolean(link);
}

const actions = {
  j: () => move(1),
  k: () => move(-1),
  x: () => current() && select(current()),
  e: () => current() && edit(current()),
  Enter: () => {
    const row = current();
    if (!row || document.activeElement !== row || !linkOf(row)) return false;  // Enter on a link inside follows the link
    open(linkOf(row).href, row);
    return true;
  },
};

document.addEventListener("keydown", (event) => {
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (action?.()) event.preventDefault();
});

// Selection: the row says it, the bar counts it, one box in the head picks all, Shift picks a range.
const boxOf = (row) => row.querySelector("input[type=checkbox]");
let lastBox = null;

document.addEventListener("click", ({ target, shiftKey }) => {
  if (!target.matches?.("[data-list] .pick input:not([data-pick-all])")) return;
  const rows = rowsOf(target.closest("[data-list]"));
  const [from, to] = [rows.indexOf(rowAt(lastBox)), rows.indexOf(rowAt(target))].sort((a, b) => a - b);
  if (shiftKey && from >= 0) rows.slice(from, to + 1).forEach((row) => { if (boxOf(row)) boxOf(row).checked = target.checked; });
  lastBox = target;
});

document.addEventListener("click", ({ target }) => {
  const bar = target.closest?.("[data-unselect]")?.closest("[data-selection-of]");
  const list = bar && document.getElementById(bar.dataset.selectionOf);
  if (!list) return;
  list.querySelectorAll("input[type=checkbox]").forEach((box) => { box.checked = false; });
  (list.querySelector("[data-pick-all]") ?? list).dispatchEvent(new Event("change", { bubbles: true }));
  rowsOf(list)[0]?.focus();
});

document.addEventListener("change", ({ target }) => {
  const list = target.closest?.("[data-list]");
  if (!list || target.type !== "checkbox") return;
  if (target.matches("[data-pick-all]")) rowsOf(list).forEach((row) => { if (boxOf(row)) boxOf(row).checked = target.checked; });
  const picked = rowsOf(list).filter((row) => {
    const on = Boolean(row.querySelector("input[type=checkbox]:checked"));
    row.setAttribute("aria-selected", on);
    return on;
  });
  const barOf = document.querySelector(`[data-selection-of="${list.id}"]`);
  if (!barOf) return;
  barOf.hidden = picked.length === 0;
  barOf.querySelector("[data-selected-count]").textContent = picked.length;
});

// A pointer opens the panel too, on the button that says so.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-open-panel]");
  if (!button) return;
  event.preventDefault();
  open(button.dataset.openPanel || button.href, button);
});
