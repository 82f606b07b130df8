// The board: a card is dragged, moved with the arrow keys or sent from a menu; it goes at once, and comes back when refused.
const board = document.querySelector("[data-board]");
const dialog = document.querySelector("#move");
const menu = document.querySelector("#move-menu");
let waiting = null; // { card, column, back } while the dialog asks for what is missing

const columnOf = (card) => card.closest("[data-stage].board-column");
const columns = () => [...board.querySelectorAll(".board-column")];
const listOf = (column) => column.querySelector(".board-cards");

/** Where the card stands now, as a function that puts it back there. */
function place(card) {
  const parent = card.parentElement;
  const next = card.nextElementSibling;
  return () => { parent.insertBefore(card, next?.parentElement === parent ? next : null); };
}

async function send(card, column, back) {
  if (card.dataset.stage === column.dataset.stage) return;
  card.setAttribute("aria-busy", "true");
  let status = 0;
  card.addEventListener("htmx:beforeOnLoad", ({ detail }) => { status = detail.xhr.status; }, { once: true }); // later the card is another
  waiting = { card, column, back };
  try {
    await htmx.ajax("POST", card.dataset.move, {
      source: card, target: "#move-body", swap: "innerHTML", values: { stage: column.dataset.stage, seen: card.dataset.stage },
    });
  } catch { /* no answer: said in a toast, and the card goes back */ }
  card.removeAttribute("aria-busy");
  if (status === 200) settled(card, column);
  else if (status === 422 && document.querySelector("#move-body form")) dialog.showModal();
  else undo();
}

/** The server took it: in a closed column a card shows no more, elsewhere the server has sent it afresh. */
function settled(card, column) {
  waiting = null;
  if (dialog.open) dialog.close();
  document.querySelector("#move-body").replaceChildren();
  const now = document.getElementById(card.id);
  if (!column.hasAttribute("data-open")) now?.remove();
  else now?.focus({ preventScroll: true });
}

function undo() {
  waiting?.back();
  waiting?.card.focus({ preventScroll: true });
  waiting = null;
  document.querySelector("#move-body").replaceChildren();
}

function moveTo(card, column) {
  if (!column || columnOf(card) === column) return;
  const back = place(card);
  listOf(column).prepend(card);
  card.focus({ preventScroll: true });
  column.scrollIntoView({ inline: "nearest", block: "nearest" });
  send(card, column, back);
}

for (const column of columns()) {
  Sortable.create(listOf(column), {
    group: "deals", draggable: "[data-draggable]", filter: "button", preventOnFilter: false, animation: 120, sort: false,
    forceFallback: true, fallbackTolerance: 4, // the same drag with every pointer; a click on the title stays a click
    delay: 200, delayOnTouchOnly: true, // a finger that scrolls must not take a card along
    onStart: ({ item }) => { item.putBack = place(item); },
    onEnd: ({ item, from, to }) => { if (from !== to) send(item, to.closest(".board-column"), item.putBack); },
  });
}

document.addEventListener("keydown", (event) => {
  const card = document.activeElement?.closest?.(".board-card[data-move]");
  if (!card || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const all = columns();
  const at = all.indexOf(columnOf(card));
  if (event.key === "ArrowRight" || event.key === "ArrowLeft") moveTo(card, all[at + (event.key === "ArrowRight" ? 1 : -1)]);
  else if (event.key.toLowerCase() === "m") openMenu(card);
  else return;
  event.preventDefault();
});

function openMenu(card) {
  menu.card = card;
  menu.querySelectorAll("[data-move-to]").forEach((item) => { item.disabled = item.dataset.moveTo === card.dataset.stage; });
  menu.showModal();
  menu.querySelector("[data-move-to]:not(:disabled)").focus();
}

board.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-move-menu]");
  if (button) openMenu(button.closest(".board-card"));
});
menu.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const items = [...menu.querySelectorAll("[data-move-to]:not(:disabled)")];
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  event.preventDefault();
});
menu.addEventListener("click", ({ target }) => {
  const item = target.closest("[data-move-to]");
  if (!item) return;
  menu.close();
  moveTo(menu.card, columns().find((column) => column.dataset.stage === item.dataset.moveTo));
});

// The dialog that asks for missing facts: sent, it answers like the move itself; given up, the card goes back.
dialog.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (waiting && detail.xhr.status === 200) settled(waiting.card, waiting.column); // by now the card is another: ask it nothing
});
dialog.addEventListener("click", ({ target }) => { if (target.closest("[data-cancel-move]")) dialog.close(); });
dialog.addEventListener("close", () => { if (waiting) undo(); });
