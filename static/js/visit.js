// The form of a visit: the number it is stored under is made here, so that the same form sent twice is stored once.
const form = document.querySelector("form:has([data-client-id])") ?? document.querySelector("form[data-visit]");
const number = form?.querySelector("[data-client-id]");

// A page taken out of the browser's memory would carry the number of a visit already stored.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && number) number.value = crypto.randomUUID();
});
// A copy of the page made by a cache or a second tab must not carry the same number. Sent back with errors, it keeps its own.
if (number && !form.matches("[data-bound]") && crypto.randomUUID) number.value = crypto.randomUUID();

// Fields of the next step appear when they are needed.
function follow() {
  const { next_kind: kind, next_in: wait } = form.elements;
  form.querySelector("[data-on-a-day]").hidden = wait.value !== "day" && !form.elements.next_on.value;
  form.querySelector("[data-with-step]").hidden = !kind.value;
}
if (form?.matches("[data-visit]")) {
  form.addEventListener("change", ({ target }) => {
    const { next_kind: kind, next_in: wait } = form.elements;
    if (target === kind && kind.value && !wait.value) wait.value = "7";
    if (target === kind && !kind.value) wait.value = "";
    follow();
  });
  follow();
}
