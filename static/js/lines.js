// Lines of a form that is a Django formset: one more is a copy of the empty one, at once and without asking the server.
import { draftOf, restore } from "./forms.js";

const NAMED = /-(\d+)-/;  // the place of a line in the names of its fields

function setUp(root) {
  const form = root.closest("form");
  const total = form.querySelector("[name$=-TOTAL_FORMS]");
  const most = Number(form.querySelector("[name$=-MAX_NUM_FORMS]").value);
  const template = root.querySelector("template");
  const button = root.querySelector("[data-add-line]");
  const count = () => root.querySelectorAll("[data-line]").length;

  function add() {
    const n = count();
    const holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", n).replaceAll("__n__", n + 1);
    const line = holder.content.firstElementChild;
    template.before(line);
    total.value = n + 1;
    button.disabled = n + 1 >= most;
    return line;
  }

  total.value = count();  // a page that the browser brings back may remember more
  const places = draftOf(form).map(([name]) => Number(NAMED.exec(name)?.[1] ?? -1));
  const typed = Math.min(Math.max(-1, ...places) + 1, most);
  if (typed > count()) {  // lines that were added and typed into before the page was left
    while (count() < typed) add();
    restore(form);
  }
  button.addEventListener("click", (event) => {
    event.preventDefault();
    add().querySelector("[role=combobox], input:not([hidden])").focus();
  });
}

document.querySelectorAll("form [data-lines]").forEach(setUp);
