// One press sends once. A form whose files are still on their way goes by itself when they have arrived.
export function sendOnce(form, files) {
  const button = form.querySelector("[data-send]");
  const words = button.textContent;
  let sending = false;

  form.addEventListener("submit", (event) => {
    if (sending) return event.preventDefault();
    if (event.submitter && event.submitter.hasAttribute("formaction")) return;
    if (files && !files.ready(() => form.requestSubmit(event.submitter || button))) return event.preventDefault();
    sending = true;
    button.setAttribute("aria-disabled", "true");
    if (form.dataset.textSending) button.textContent = form.dataset.textSending;
  });

  // the page as the browser kept it, after "back"
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    sending = false;
    button.removeAttribute("aria-disabled");
    button.textContent = words;
  });
}
