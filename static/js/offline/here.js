// Whose page this is, what is told to scripts about working without network, and words for it.
import "./outbox.js";
import { toast } from "../toasts.js";

const told = document.querySelector("meta[name=salesorg-offline]").dataset;
const words = document.querySelector("#offline-words")?.dataset ?? {};

/** The signed-in person's number, 0 on a page that belongs to nobody. */
export const person = Number(document.body.dataset.person || 0);
/** True for somebody who logs visits, and whose day this phone therefore keeps. */
export const keeps = Boolean(person && document.body.dataset.keeps && self.indexedDB && self.caches);
export const { outbox } = self;
export { told };

export const say = (name, count) => (words[name] ?? "").replace("%s", count ?? "");
export const counted = (name, count) => say(count === 1 ? `${name}One` : `${name}Many`, count);

/** A toast on the page one goes to next. */
export const sayNext = (text, level) => sessionStorage.setItem("say-next", JSON.stringify({ text, level }));
const next = sessionStorage.getItem("say-next");
sessionStorage.removeItem("say-next");
if (next) toast(JSON.parse(next));
