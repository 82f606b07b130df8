// Light or dark before the first paint, so that nothing flashes: the only script that blocks.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("theme"); } catch { return null; } };  // storage may be forbidden
  const apply = () => {
    const choice = chosen();
    document.documentElement.dataset.bsTheme = choice === "light" || choice === "dark" ? choice : system.matches ? "dark" : "light";
    document.documentElement.dispatchEvent(new Event("themechange", { bubbles: true }));  // charts draw again
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
  document.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-theme-choice]")) return;
    try { target.value === "system" ? localStorage.removeItem("theme") : localStorage.setItem("theme", target.value); } catch { /* for this page only */ }
    apply();
    if (!chosen() && target.value !== "system") document.documentElement.dataset.bsTheme = target.value;
  });
  document.addEventListener("DOMContentLoaded", () => {
    const radio = document.querySelector(`[data-theme-choice][value="${chosen() ?? "system"}"]`);
    if (radio) radio.checked = true;
  });
})();
