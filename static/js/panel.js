// The side panel: any page of this site, opened beside the list it was found in.

const panel = document.querySelector("#panel");
const body = document.querySelector("#panel-body");
let opener = null;

export const isOpen = () => Boolean(panel) && !panel.hidden;

export async function open(url, from) {
  opener = from ?? document.activeElement;
  panel.hidden = false;
  panel.querySelector("[data-panel-page]").href = url;
  body.replaceChildren(panel.querySelector("[data-panel-skeleton]").content.cloneNode(true));
  body.setAttribute("aria-busy", "true");
  try {
    await htmx.ajax("GET", url, { target: body, swap: "innerHTML", source: body });
  } finally {
    body.setAttribute("aria-busy", "false");
  }
  document.querySelectorAll(".is-open").forEach((row) => row.classList.remove("is-open"));
  opener?.closest("tr, [data-row]")?.classList.add("is-open");
  panel.focus();
}

export function close() {
  panel.hidden = true;
  body.replaceChildren();
  document.querySelectorAll(".is-open").forEach((row) => row.classList.remove("is-open"));
  opener?.focus();
}

function failed() {
  body.replaceChildren(panel.querySelector("[data-panel-failed]").content.cloneNode(true));
}

// A link of data-panel opens beside the page where there is room, and as a page on a phone.
const ROOM = matchMedia("(width >= 768px)");
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-panel]");
  if (!link || !panel || !ROOM.matches || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link.href, link);
});

if (panel) {
  panel.addEventListener("click", ({ target }) => { if (target.closest("[data-close-panel]")) close(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen() && !document.querySelector("dialog[open]") && !event.defaultPrevented) close();
  });
  // A page that does not extend `layout` answers whole: only its content belongs here.
  body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target === body && detail.serverResponse.includes("data-page")) detail.selectOverride = "[data-page]";
  });
  body.addEventListener("htmx:responseError", failed);
  body.addEventListener("htmx:sendError", failed);
}
