// A session that ended while the page was open: htmx would put the sign-in page where a fragment belongs.

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { signIn } = document.body.dataset;
  if (!signIn || !detail.xhr.responseURL || new URL(detail.xhr.responseURL).pathname !== signIn) return;
  detail.shouldSwap = false;
  location.assign(`${signIn}?next=${encodeURIComponent(location.pathname + location.search)}`);  // drafts stay in this tab
});
