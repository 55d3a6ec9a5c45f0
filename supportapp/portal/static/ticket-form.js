// What the ticket and reply forms can do beyond plain HTML. Without this file they work all the same.
import { forgetSentDrafts, keepDraft } from "./drafts.js";
import { acceptFiles } from "./files.js";
import { linkCertificateAndProduct } from "./certificate-choice.js";
import { sendOnce } from "./send-once.js";
import { suggest } from "./suggestions.js";

forgetSentDrafts();

for (const form of document.querySelectorAll("form[data-draft]")) {
  const area = form.querySelector("[data-files]");
  const files = area ? acceptFiles(form, area) : null;
  sendOnce(form, files);
  keepDraft(form, files);
  const panel = form.querySelector("[data-suggestions]");
  if (panel) suggest(form, panel);
  if (form.querySelector("[data-product-hint]")) linkCertificateAndProduct(form);
}

const reopening = document.getElementById("reopen");
if (reopening) sendOnce(reopening, null);
