// Photos added to a visit that is stored already.
import { shrinkPhotos } from "./visit/photos.js";

const form = document.querySelector("form[data-photo-form]");
if (form) shrinkPhotos(form);
