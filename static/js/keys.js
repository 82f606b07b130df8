// What a key may do where: letters are commands only while nobody types.

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** True while the key belongs to a field, or a dialog is open. */
export function typing(event) {
  const target = event.target;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !["checkbox", "radio", "button"].includes(target.type) || Boolean(document.querySelector("dialog[open]"));
}

/** "g a" → two <kbd>; the modifier by its name on this machine. */
export function keycaps(keys) {
  return keys.split(" ").filter(Boolean).map((key) => Object.assign(document.createElement("kbd"), { textContent: key.toUpperCase() }));
}

if (isMac) {
  document.querySelectorAll("[data-mod-key]").forEach((cap) => { cap.textContent = "⌘ K"; });
  document.querySelectorAll("[data-mod-enter]").forEach((cap) => { cap.textContent = "⌘ Enter"; });
}
