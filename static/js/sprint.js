// Planning a week: how much is ticked, and where it passes what such a week usually holds. The server says the same after saving.

const form = document.querySelector("[data-sprint]");

if (form) {
  const words = form.querySelector("[data-ticked]");
  const warning = form.querySelector("[data-above]");
  const count = () => {
    const ticked = [...form.querySelectorAll("input[name=pick]:checked")];
    const of = (kind) => ticked.filter((box) => box.dataset.kind === kind).length + Number(form.dataset[kind] || 0);
    const passes = (kind, usual) => usual !== undefined && of(kind) > Number(usual);
    words.textContent = `${words.dataset.words} ${ticked.length}`;
    warning.textContent = [
      passes("visit", form.dataset.usualVisit) ? warning.dataset.visits : "",
      passes("call", form.dataset.usualCall) ? warning.dataset.calls : "",
    ].filter(Boolean).join(" · ");
  };
  form.addEventListener("change", count);
  count();
}
