// The command menu (⌘K / Ctrl-K), the list of keys (?), and the keys themselves: "g" then a letter goes somewhere.
// Commands of every page come from home:commands; a page adds its own with data-command="Words" data-keys="a" on a link or button.
import { keycaps, typing } from "./keys.js";

const SEQUENCE = 1200;  // milliseconds between the two keys of "g a"
const PAUSE = 120;      // milliseconds without typing before the search is asked
const menu = document.querySelector("#commands");
const shortcuts = document.querySelector("#shortcuts");
const input = menu?.querySelector("input");
const list = menu?.querySelector("[role=listbox]");
const status = menu?.querySelector("[data-command-status]");
let everywhere = null;
let shown = [];
let chosen = 0;
let asked = 0;

const load = () => (everywhere ??= fetch(menu.dataset.commandsUrl, { headers: { Accept: "application/json" } }).then((answer) => answer.json()).then(({ commands }) => commands).catch(() => { everywhere = null; return []; }));

const ofThisPage = () => [...document.querySelectorAll("[data-command]")].map((element) => ({ group: menu.dataset.onThisPage, label: element.dataset.command, keys: element.dataset.keys ?? "", icon: element.dataset.icon ?? "arrow-right", element }));

// What this page offers itself is not offered twice.
const all = async () => {
  const here = ofThisPage();
  return [...here, ...(await load()).filter((command) => !here.some((other) => other.label === command.label))];
};

const run = (command) => {
  menu.close();
  if (command.element) command.element.click();
  else location.assign(command.url);
};

// ── the list ──

function option(command, index) {
  const item = document.createElement("div");
  item.className = "command";
  item.id = `command-${index}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.append(symbol(command.icon), words("label", command.label));
  if (command.detail) item.append(words("detail", command.detail));
  if (command.keys) item.append(Object.assign(document.createElement("span"), { className: "keys" }));
  item.querySelector(".keys")?.append(...keycaps(command.keys));
  item.addEventListener("click", () => run(command));
  item.addEventListener("pointermove", () => choose(index, false));
  return item;
}

const words = (className, textContent) => Object.assign(document.createElement("span"), { className, textContent });

function symbol(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(space, "use"));
  svg.firstChild.setAttribute("href", `${menu.dataset.sprite}#${name}`);
  return svg;
}

function show(commands) {
  shown = commands;
  const groups = new Map();
  commands.forEach((command, index) => groups.set(command.group, [...(groups.get(command.group) ?? []), option(command, index)]));
  list.replaceChildren(...[...groups].map(([label, options], index) => {
    const group = document.createElement("div");
    group.className = "command-group";
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", `command-group-${index}`);
    group.append(Object.assign(document.createElement("p"), { id: `command-group-${index}`, textContent: label, role: "presentation" }), ...options);
    return group;
  }));
  choose(0);
}

function choose(index, scroll = true) {
  list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
  chosen = shown.length ? (index + shown.length) % shown.length : 0;
  const item = list.querySelector(`#command-${chosen}`);
  item?.setAttribute("aria-selected", "true");
  if (scroll) item?.scrollIntoView({ block: "nearest" });
  item ? input.setAttribute("aria-activedescendant", item.id) : input.removeAttribute("aria-activedescendant");
}

const matches = (command, text) => text.toLowerCase().split(/\s+/).every((word) => `${command.label} ${command.group}`.toLowerCase().includes(word));

/** Commands at once, rows from the server when they come; an answer to an older question is dropped. */
async function refresh() {
  const text = input.value.trim();
  const question = ++asked;
  const commands = (await all()).filter((command) => matches(command, text));
  if (question !== asked) return;
  show(commands);
  if (text.length < 2) { status.textContent = ""; return; }
  await new Promise((go) => { setTimeout(go, PAUSE); });
  if (question !== asked) return;
  const found = await search(text);
  if (question !== asked) return;
  const page = { group: menu.dataset.allResults, label: text, icon: "search", url: `${menu.dataset.searchUrl}?q=${encodeURIComponent(text)}` };
  const keep = chosen;
  show([...commands, ...(found ?? []), page]);
  choose(keep);
  status.textContent = found === null ? menu.dataset.failed : found.length ? `${found.length} ${menu.dataset.count}` : menu.dataset.nothing;
}

async function search(text) {
  try {
    const answer = await fetch(`${menu.dataset.searchUrl}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
    const { groups } = await answer.json();
    return groups.flatMap(({ kind, hits }) => hits.map((hit) => ({ group: kind, icon: hit.icon, label: hit.title, detail: hit.detail, url: hit.url })));
  } catch {
    return null;
  }
}

export async function openMenu() {
  if (menu.open) return;
  document.querySelector("#navigation:popover-open")?.hidePopover();
  menu.showModal();
  input.value = "";
  input.focus();
  await refresh();
}

async function openShortcuts() {
  const section = shortcuts.querySelector("[data-shortcut-list]");
  const groups = Map.groupBy((await all()).filter((command) => command.keys), (command) => command.group);
  const parts = [...groups].flatMap(([label, commands]) => [Object.assign(document.createElement("h3"), { textContent: label }), keyList(commands)]);
  section.replaceChildren(...parts);
  section.hidden = parts.length === 0;
  shortcuts.showModal();
}

function keyList(commands) {
  const table = document.createElement("dl");
  table.append(...commands.map((command) => {
    const line = document.createElement("div");
    const keys = document.createElement("dd");
    keys.append(...keycaps(command.keys));
    line.append(Object.assign(document.createElement("dt"), { textContent: command.label }), keys);
    return line;
  }));
  return table;
}

// ── the keys ──

let first = "";
let timer;

async function command(event) {
  const keys = first ? `${first} ${event.key.toLowerCase()}` : event.key.toLowerCase();
  const commands = await all();
  const exact = commands.find((each) => each.keys === keys);
  clearTimeout(timer);
  first = "";
  if (exact) run(exact);
  else if (commands.some((each) => each.keys.startsWith(`${keys} `))) {
    first = keys;
    timer = setTimeout(() => { first = ""; }, SEQUENCE);
  }
}

if (menu) {
  document.addEventListener("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openMenu();
    } else if (!typing(event) && !event.metaKey && !event.ctrlKey && !event.altKey && !event.defaultPrevented) {
      if (event.key === "/") { event.preventDefault(); openMenu(); }
      else if (event.key === "?") openShortcuts();
      else if (/^[a-z]$/i.test(event.key)) command(event);
    }
  });
  input.addEventListener("input", refresh);
  input.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: () => choose(chosen + 1), ArrowUp: () => choose(chosen - 1), Enter: () => shown[chosen] && run(shown[chosen]) };
    if (!steps[event.key]) return;
    event.preventDefault();
    steps[event.key]();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-commands]") && !event.ctrlKey && !event.metaKey) { event.preventDefault(); openMenu(); }
    if (event.target.closest("[data-open-shortcuts]")) openShortcuts();
    if (event.target === menu || event.target === shortcuts) event.target.close();
  });
}
