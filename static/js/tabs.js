// A row of tabs that is wider than the screen begins where the current one is.

for (const row of document.querySelectorAll(".page-views")) {
  const tab = row.querySelector("[aria-current]");
  if (tab) row.scrollLeft += tab.getBoundingClientRect().right - row.getBoundingClientRect().right + tab.offsetWidth / 2;
}
