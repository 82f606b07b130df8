// A link to hand on: the phone's own sheet where there is one, else into the clipboard. Markup: <button data-share="address">.
import { toast } from "./toasts.js";

const touch = matchMedia("(pointer: coarse)");

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-share]");
  if (!button) return;
  const url = button.dataset.share;
  try {
    if (navigator.share && touch.matches) await navigator.share({ title: button.dataset.title, url });
    else {
      await navigator.clipboard.writeText(url);
      toast({ text: button.dataset.copied });
    }
  } catch {  // the sheet was closed, or the browser does not let a page copy: the field beside it can be copied by hand
    button.closest("li").querySelector("input").select();
  }
});
