// Choose one of many by typing (parts/combobox.html): the list comes from the server, within what the person may see.
const WAIT = 150; // milliseconds after the last key, so that a word is one request

const parts = (element) => {
  const box = element.closest?.("[data-combobox]");
  if (!box) return null;
  const [value, text] = box.querySelectorAll("input");
  return { box, value, text, list: box.querySelector("[role=listbox]") };
};
let timer;
let asked = 0; // an older answer must not replace a newer one

async function ask({ box, value, text, list }) {
  const mine = ++asked;
  const answer = await fetch(`${box.dataset.url}?q=${encodeURIComponent(text.value)}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok || mine !== asked || document.activeElement !== text) return;
  list.innerHTML = await answer.text();
  list.querySelectorAll("[role=option]").forEach((option, index) => { option.id = `${list.id}_${index}`; });
  const chosenUnseen = box.dataset.awaited === "choose";
  delete box.dataset.awaited;
  if (chosenUnseen) choose({ box, value, text, list }, list.querySelector("[role=option]"));
  else show({ text, list }, true);
}

function show({ text, list }, open) {
  list.hidden = !open;
  text.setAttribute("aria-expanded", open);
  if (!open) text.removeAttribute("aria-activedescendant");
}

function point({ text, list }, step) {
  const options = [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = options[(at + step + options.length) % options.length];
  options.forEach((option) => option.setAttribute("aria-selected", option === next));
  if (!next) return;
  text.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

function choose(combo, option) {
  if (!option || option.hasAttribute("aria-disabled")) return;
  combo.value.value = option.dataset.value;
  combo.text.value = option.querySelector("[data-label]").textContent;
  combo.text.setCustomValidity("");
  show(combo, false);
  combo.value.dispatchEvent(new Event("input", { bubbles: true }));
  combo.value.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-combobox] [role=combobox]")) return;
  const combo = parts(target);
  combo.value.value = ""; // what is typed is not yet a choice
  combo.box.dataset.awaited = "show"; // the list still answers what was typed before
  clearTimeout(timer);
  timer = setTimeout(() => ask(combo), WAIT);
});
document.addEventListener("focusin", ({ target }) => {
  if (target.matches?.("[data-combobox] [role=combobox]") && !target.value) ask(parts(target));
});
document.addEventListener("focusout", ({ target }) => {
  if (!target.matches?.("[data-combobox] [role=combobox]")) return;
  const combo = parts(target);
  show(combo, false);
  if (!target.value) combo.value.dispatchEvent(new Event("change", { bubbles: true }));
});
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.("[data-combobox] [role=option]");
  if (!option) return;
  event.preventDefault(); // the field keeps the focus
  choose(parts(option), option);
});
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-combobox] [role=combobox]")) return;
  const combo = parts(event.target);
  const open = !combo.list.hidden;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (open) point(combo, event.key === "ArrowDown" ? 1 : -1);
    else ask(combo);
    event.preventDefault();
  } else if (event.key === "Enter" && combo.box.dataset.awaited && !event.ctrlKey && !event.metaKey) {
    combo.box.dataset.awaited = "choose";
    event.preventDefault();
  } else if (event.key === "Enter" && open && !event.ctrlKey && !event.metaKey) {
    choose(combo, combo.list.querySelector("[aria-selected=true]") ?? combo.list.querySelector("[role=option]"));
    event.preventDefault();
  } else if (event.key === "Escape" && open) {
    show(combo, false);
    event.preventDefault();
    event.stopPropagation();
  }
});
