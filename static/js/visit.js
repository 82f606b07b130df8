// The form of a visit: the number it is stored under is made here, so that the same form sent twice is stored once.
import { checkIn } from "./visit/place.js";
import { shrinkPhotos } from "./visit/photos.js";

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

// One suggestion is shown, that of the outcome; tapped, it fills in the next step, tapped again, it takes it back.
function suggest(taken = null) {
  const outcome = form.elements.outcome?.value ?? "";
  form.querySelector("[data-suggestions]").hidden = false;
  form.querySelectorAll("[data-suggestions] button").forEach((button) => {
    button.hidden = button.dataset.outcome !== outcome;
    button.setAttribute("aria-pressed", button === taken);
  });
}
function take(button) {
  const { next_kind: kind, next_in: wait, next_on: day, next_subject: subject } = form.elements;
  const on = button.getAttribute("aria-pressed") !== "true";
  kind.value = on ? button.dataset.kind : "";
  wait.value = on ? "day" : "";
  day.value = on ? button.dataset.on : "";
  subject.value = on ? button.dataset.subject : "";
  suggest(on ? button : null);
  follow();
  kind.dispatchEvent(new Event("input", { bubbles: true }));  // the draft is kept
}

if (form?.matches("[data-visit]")) {
  form.addEventListener("change", ({ target }) => {
    const { next_kind: kind, next_in: wait, next_on: day } = form.elements;
    const pressed = form.querySelector("[data-suggestions] [aria-pressed=true]");
    if (target.name === "outcome") {
      if (pressed) take(pressed);  // it was meant for another outcome
      suggest();
    } else if ([kind, wait, day].includes(target)) suggest();
    if (target === kind && kind.value && !wait.value) wait.value = "7";
    if (target === kind && !kind.value) wait.value = "";
    follow();
  });
  form.addEventListener("click", ({ target }) => {
    const suggestion = target.closest("[data-suggestions] button");
    if (suggestion) take(suggestion);
  });
  // The account decides whom one may have met and what is suggested: its own form is opened, as long as nothing else is typed.
  form.querySelector("[name=account][hidden]")?.addEventListener("change", ({ target }) => {
    if (target.value && !form.elements.note.value) location.replace(`?account=${target.value}`);
  });
  // What the phone believes the time to be: the server sets right what a wrong clock wrote.
  form.addEventListener("submit", () => { if (form.elements.phone_now) form.elements.phone_now.value = new Date().toISOString(); });
  checkIn(form);
  shrinkPhotos(form);
  suggest();
  follow();
}
