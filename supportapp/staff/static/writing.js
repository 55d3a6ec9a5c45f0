// The editor of articles: live preview, marks, pictures by paste, drop and choice, and nothing typed is lost.
const PAUSE = 400;
const PREFIX = "article ";

for (const form of document.querySelectorAll("form[data-writing]")) write(form);
for (const saved of document.querySelectorAll("[data-written]")) forget(saved.dataset.written);

function write(form) {
  const body = form.elements.body;
  const problem = form.querySelector("[data-upload-problem]");
  const uploading = form.querySelector("[data-upload-status]");
  const text = form.dataset;

  form.querySelectorAll("[data-only-script]").forEach((each) => (each.hidden = false));
  form.querySelectorAll("[data-without-script]").forEach((each) => (each.hidden = true));
  keepTyped(form, () => preview.soon());
  const preview = livePreview(form);
  marks(form);

  // Pictures ------------------------------------------------------------------------------------------------------

  let queue = Promise.resolve();
  const area = form.querySelector("[data-drop]");
  const input = form.elements.files;
  form.querySelector("[data-pick]").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  body.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    if (!files.length || types.includes("text/plain")) return; // a cell copied from a table is meant as text
    event.preventDefault();
    add([...files]);
  });
  area.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    area.classList.add("drop-over");
  });
  area.addEventListener("dragleave", (event) => {
    if (!area.contains(event.relatedTarget)) area.classList.remove("drop-over");
  });
  area.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    area.classList.remove("drop-over");
    add([...event.dataTransfer.files]);
  });

  function add(files) {
    complain("");
    for (const file of files) {
      if (file.type.startsWith("image/")) queue = queue.then(() => upload(file));
      else complain(fill(text.textNoPicture, file.name));
    }
  }

  async function upload(file) {
    uploading.textContent = fill(text.textUploading, file.name);
    const data = new FormData();
    data.append("file", file, file.name);
    try {
      const answer = await ask(form, text.upload, data);
      if (answer.error) complain(answer.error);
      else insertPicture(answer.address);
    } catch (error) {
      complain(error instanceof SignedOut ? text.textSignedOut : fill(text.textUploadFailed, file.name));
      uploading.textContent = "";
    }
  }

  function insertPicture(address) {
    const before = body.value.slice(0, body.selectionStart);
    const after = body.value.slice(body.selectionEnd);
    const gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const start = before.length + gap.length + 2;
    insert(body, `${gap}![${text.textDescribe}](${address})${after.startsWith("\n") ? "" : "\n"}`);
    body.setSelectionRange(start, start + text.textDescribe.length);
    uploading.textContent = text.textInserted;
  }

  function complain(sentence) {
    problem.textContent = sentence;
    problem.hidden = !sentence;
    if (sentence) uploading.textContent = "";
  }
}

// Preview -----------------------------------------------------------------------------------------------------------

function livePreview(form) {
  const body = form.elements.body;
  const pane = document.getElementById("preview");
  const status = form.querySelector("[data-preview-status]");
  let timer;
  let request;
  let shown = null;

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(renew, PAUSE);
  };

  async function renew() {
    if (body.value === shown) return;
    request?.abort();
    request = new AbortController();
    const asked = body.value;
    const data = new FormData();
    data.append("body", asked);
    try {
      const answer = await ask(form, form.dataset.preview, data, request.signal);
      status.textContent = answer.error ?? "";
      if (answer.error === undefined) {
        pane.innerHTML = answer.html; // made safe by the server, as on the readers' page
        shown = asked;
      }
    } catch (error) {
      if (error.name === "AbortError") return;
      status.textContent = error instanceof SignedOut ? form.dataset.textSignedOut : form.dataset.textStale;
    }
  }

  body.addEventListener("input", soon);
  if (body.value) renew();
  return { soon };
}

class SignedOut extends Error {}

async function ask(form, address, data, signal) {
  const headers = { "X-CSRFToken": form.elements.csrf_token.value, Accept: "application/json" };
  const answer = await fetch(address, { method: "POST", headers, body: data, signal });
  if (answer.redirected || answer.status === 400 || answer.status === 401) throw new SignedOut();
  if (!answer.ok && answer.status !== 422 && answer.status !== 413) throw new Error(String(answer.status));
  return answer.json();
}

// Marks -------------------------------------------------------------------------------------------------------------

function marks(form) {
  const body = form.elements.body;
  const words = form.dataset.textWords;
  const acts = {
    bold: () => around("**", "**"),
    heading: () => lines(() => "## "),
    list: () => lines(() => "- "),
    steps: () => lines((number) => `${number + 1}. `),
    link: () => around("[", "](https://)"),
    code: () => (selected().includes("\n") ? around("```\n", "\n```") : around("`", "`")),
  };
  form.querySelectorAll("[data-mark]").forEach((button) => {
    button.addEventListener("click", () => acts[button.dataset.mark]());
  });
  body.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const act = { KeyB: acts.bold, KeyK: acts.link }[event.code];
    if (!act) return;
    event.preventDefault();
    act();
  });

  const selected = () => body.value.slice(body.selectionStart, body.selectionEnd);

  function around(opening, closing) {
    const inside = selected() || words;
    const start = body.selectionStart + opening.length;
    insert(body, opening + inside + closing);
    body.setSelectionRange(start, start + inside.length);
  }

  function lines(mark) {
    const start = body.value.lastIndexOf("\n", body.selectionStart - 1) + 1;
    const end = body.selectionEnd;
    body.setSelectionRange(start, end);
    const marked = selected().split("\n").map((line, number) => mark(number) + line);
    insert(body, marked.join("\n"));
  }
}

// execCommand is the one way that the browser's own undo remembers
function insert(field, text) {
  field.focus();
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// What was typed ----------------------------------------------------------------------------------------------------

function keepTyped(form, changed) {
  const key = PREFIX + form.dataset.key;
  const controls = () => [...form.elements].filter((each) => each.name && !/hidden|file|submit|button/.test(each.type));
  const state = () => JSON.stringify(controls().map((each) => (each.type === "checkbox" ? each.checked : each.value)));
  const name = form.elements.written;
  const atFirst = state();
  let dirty = "kept" in form.dataset;
  let sending = false;
  let timer;

  name.value ||= [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const kept = read(key);
  if (dirty) keep();
  else if (kept && kept.state !== atFirst) restore(kept);

  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  });
  form.addEventListener("submit", () => {
    sending = true;
    clearTimeout(timer);
    keep();
  });
  window.addEventListener("pageshow", () => (sending = false));
  window.addEventListener("beforeunload", (event) => {
    if (!sending && dirty && state() !== atFirst) event.preventDefault();
  });

  function keep() {
    try {
      sessionStorage.setItem(key, JSON.stringify({ name: name.value, state: state() }));
    } catch {
      // no room or no permission: the form works without
    }
  }

  function restore(before) {
    const notice = form.querySelector("[data-restored]");
    const discard = document.createElement("button");
    discard.type = "button";
    discard.className = "btn btn-default btn-xs";
    discard.textContent = form.dataset.textDiscard;
    discard.addEventListener("click", () => {
      sessionStorage.removeItem(key);
      dirty = false;
      put(atFirst);
      notice.replaceChildren();
      form.elements.title.focus();
    });
    if (!put(before.state)) return sessionStorage.removeItem(key);
    name.value = before.name;
    dirty = true;
    notice.replaceChildren(`${form.dataset.textRestored} `, discard);
  }

  function put(values) {
    let list;
    try {
      list = JSON.parse(values);
    } catch {
      return false;
    }
    const fields = controls();
    if (!Array.isArray(list) || list.length !== fields.length) return false;
    fields.forEach((each, place) => {
      if (each.type === "checkbox") each.checked = list[place];
      else each.value = list[place];
    });
    setTimeout(changed);
    return true;
  }
}

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

// The page of an article that has just been saved names what it was made of.
function forget(name) {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX) && read(key)?.name === name) sessionStorage.removeItem(key);
  }
  history.replaceState(null, "", location.pathname);
}

const fill = (template, name) => template.replace("{name}", name);
