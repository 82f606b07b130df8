// Photos are made small before they are sent: a visit with five of them goes out over a weak network in seconds.
const SIDE = 2048;  // pixels, as the server keeps them
const QUALITY = 0.82;
const MOST = 20 * 1024 * 1024;  // bytes the server takes of one photo
const WORTH = 400 * 1024;  // bytes below which it is not worth the work

async function shrunk(file) {
  if (file.size < WORTH || !file.type.startsWith("image/") || file.type === "image/svg+xml") return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const bytes = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
    return bytes && bytes.size < file.size ? new File([bytes], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" }) : file;
  } catch { return file; }  // a format this browser does not read: the server says whether it does
}

export function shrinkPhotos(form) {
  const input = form.querySelector("[data-photos]");
  const said = form.querySelector("[data-photos-said]");
  let chosen = new DataTransfer().files;
  input?.addEventListener("change", async () => {
    const files = new DataTransfer();
    [...chosen].forEach((file) => files.items.add(file));  // a second photo is added to the first
    const words = [];
    for (const file of await Promise.all([...input.files].map(shrunk))) {
      if (file.size > MOST) words.push(input.dataset.tooLarge.replace("{0}", file.name));
      else files.items.add(file);
    }
    input.files = chosen = files.files;
    const size = [...chosen].reduce((sum, file) => sum + file.size, 0) / 1024 / 1024;
    if (chosen.length) words.unshift(input.dataset.chosen.replace("{0}", chosen.length).replace("{1}", size.toFixed(1)));
    said.textContent = words.join(" ");
    said.hidden = !words.length;
  });
}
