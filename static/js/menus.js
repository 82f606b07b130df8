// Menus are <details>: they close on Escape, on a click elsewhere, and when another opens.

const open = () => document.querySelectorAll("details.me[open], details.menu-button[open], details.chip-menu[open]");

document.addEventListener("click", ({ target }) => open().forEach((menu) => { if (!menu.contains(target)) menu.open = false; }));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  open().forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
  });
}, true);
