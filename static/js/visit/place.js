// "I am here": the phone is asked where it is when one taps, and only then. It never stands in the way of saving.
const PATIENCE = 15000;  // ms; in a cellar a phone looks for satellites for ever
const FAR = 150;  // metres from the pin, beyond what the phone admits to not knowing, at which the pin is doubted

const EARTH = 6371000;  // metres
const radians = (degrees) => degrees * Math.PI / 180;
/** Metres between two places on the sphere (haversine). */
function metres(a, b) {
  const chord = Math.sin(radians(b.latitude - a.latitude) / 2) ** 2
    + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  return Math.round(2 * EARTH * Math.asin(Math.sqrt(Math.min(chord, 1))));
}
const lang = document.documentElement.lang;
const inWords = (away) => (away < 1000 ? away.toLocaleString(lang, { style: "unit", unit: "meter" })
  : (away / 1000).toLocaleString(lang, { style: "unit", unit: "kilometer", maximumFractionDigits: away < 100000 ? 1 : 0 }));
const worded = (pattern, ...values) => values.reduce((words, value, i) => words.replace(`{${i}}`, value.toLocaleString(lang)), pattern);

/** Asks the phone once; resolves with {latitude, longitude, accuracy}, rejects with the browser's own error. */
export const whereAmI = () => new Promise((resolve, reject) => {
  navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords), reject, { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 30000 });
});

export function checkIn(form) {
  const button = form.querySelector("[data-check-in]");
  if (!button || !("geolocation" in navigator)) return;
  const said = form.querySelector("[data-place-said]");
  const say = (text) => { said.textContent = text; said.hidden = false; };
  button.hidden = false;
  button.addEventListener("click", async () => {
    say(button.dataset.asking);
    try {
      const { latitude, longitude, accuracy } = await whereAmI();
      form.elements.at_latitude.value = latitude;
      form.elements.at_longitude.value = longitude;
      form.elements.at_accuracy.value = Math.round(accuracy);
      button.setAttribute("aria-pressed", "true");
      const pin = button.dataset.latitude ? { latitude: Number(button.dataset.latitude), longitude: Number(button.dataset.longitude) } : null;
      const away = pin && metres(pin, { latitude, longitude });
      say(pin ? worded(button.dataset.here, inWords(away), Math.round(accuracy)) : button.dataset.unpinned.replace("{1}", Math.round(accuracy)));
      form.querySelector("[data-wrong-pin]").hidden = pin !== null && away < FAR + accuracy;
    } catch (error) {
      say(error.code === 1 ? button.dataset.refused : button.dataset.failed);
    }
  });
}
