// What was typed stays in this window until the server has it, so that a session which ends loses nothing.
const PREFIX = "draft ";
const PAUSE = 300;

export function forgetSentDrafts() {
  const sent = [...document.querySelectorAll("[data-sent]")].map((element) => element.dataset.sent).filter(Boolean);
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX) && sent.includes(read(key)?.token)) sessionStorage.removeItem(key);
  }
}

export function keepDraft(form, files) {
  const key = `${PREFIX}${form.dataset.person} ${form.dataset.draft}`;
  const draft = read(key);
  if (draft && !("kept" in form.dataset)) restore(form, draft, files, key);
  let timer;
  const save = () => write(key, form);
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    save();
  });
  if ("kept" in form.dataset) save();
}

function controls(form) {
  return [...form.elements].filter(
    (control) => control.name && !["hidden", "file", "checkbox", "submit", "button"].includes(control.type),
  );
}

function write(key, form) {
  const typed = controls(form).some((control) => /^(text|textarea)/.test(control.type) && control.value.trim());
  if (!typed) return sessionStorage.removeItem(key);
  const values = {};
  for (const control of controls(form)) {
    if (control.type !== "radio" || control.checked) values[control.name] = control.value;
  }
  try {
    sessionStorage.setItem(key, JSON.stringify({ token: form.elements.form_token.value, values }));
  } catch {
    // no room or no permission: the form works without
  }
}

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function restore(form, draft, files, key) {
  for (const control of controls(form)) {
    const value = draft.values[control.name];
    if (value === undefined) continue;
    if (control.type === "radio") control.checked = control.value === value;
    else control.value = value;
  }
  const fresh = form.elements.form_token.value;
  form.elements.form_token.value = draft.token;
  files?.showWaiting();
  const notice = form.querySelector("[data-draft-notice]");
  const again = document.createElement("button");
  again.type = "button";
  again.className = "btn btn-sm btn-outline-secondary";
  again.textContent = form.dataset.textDiscard;
  again.addEventListener("click", () => {
    sessionStorage.removeItem(key);
    form.reset();
    form.elements.form_token.value = fresh;
    files?.clear();
    notice.replaceChildren();
    form.querySelector("textarea, input[type=text]")?.focus();
  });
  notice.replaceChildren(`${form.dataset.textRestored} `, again);
}
