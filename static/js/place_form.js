// A form that asks for a place: "I am here" fills in its latitude and longitude.
import { whereAmI } from "./visit/place.js";

const form = document.querySelector("form[data-place-form]");
const button = form?.querySelector("[data-fill-place]");
if (button && "geolocation" in navigator) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const said = form.querySelector("[data-place-said]");
    try {
      const { latitude, longitude, accuracy } = await whereAmI();
      form.elements.latitude.value = latitude.toFixed(6);
      form.elements.longitude.value = longitude.toFixed(6);
      if (form.elements.accuracy) form.elements.accuracy.value = Math.round(accuracy);
      said.hidden = true;
      button.setAttribute("aria-pressed", "true");
      form.elements.latitude.dispatchEvent(new Event("input", { bubbles: true }));
    } catch {
      said.textContent = button.dataset.refused;
      said.hidden = false;
    }
  });
}
