// "I am here": puts the position of this machine into a field of a form.

import { toast } from "./toasts.js";

const EXACT = { enableHighAccuracy: true, timeout: 10000 };
const button = document.querySelector("template[data-here]")?.content.firstElementChild;

function attach(field) {
  const here = button.cloneNode(true);
  here.addEventListener("click", () => {
    here.disabled = true;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      here.disabled = false;
      field.value = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }, () => {
      here.disabled = false;
      toast({ text: here.dataset.failed, level: "error" });
    }, EXACT);
  });
  field.insertAdjacentElement("afterend", here);
}

if (button && "geolocation" in navigator) document.querySelectorAll("[data-position]").forEach(attach);
