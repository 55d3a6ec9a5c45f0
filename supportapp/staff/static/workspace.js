// The ticket page: everything here is a convenience, and the page works without it.
const workspace = document.getElementById("workspace");
const form = document.getElementById("composer");
const body = document.getElementById("body");
const PAUSE = 700;
const BEAT = 15000;

const say = (template, values) => template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

function post(address, fields) {
  const data = new FormData();
  const token = document.querySelector("input[name=csrf_token]");
  if (token) data.append("csrf_token", token.value);
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return fetch(address, { method: "POST", body: data, headers: { Accept: "application/json" } });
}

// --- the draft: kept on the server a moment after the last key, one saving at a time
function keepDrafts() {
  const state = form.querySelector("[data-draft-state]");
  let timer = 0;
  let gone = false;
  let running = Promise.resolve();
  let kept = written();

  function written() {
    return [body.value, form.elements.kind.value, form.querySelectorAll("[data-file]").length].join("\n");
  }

  async function save() {
    clearTimeout(timer);
    const now = written();
    if (gone || now === kept) return;
    const fields = {};
    for (const name of ["body", "draft", "kind", "revision", "seen_version"]) fields[name] = form.elements[name].value;
    try {
      const answer = await post(form.dataset.keeping, fields);
      const said = await answer.json();
      if (answer.ok) {
        kept = now;
        form.elements.revision.value = said.revision;
        state.textContent = said.revision ? say(form.dataset.textKept, { time: said.saved }) : "";
      } else state.textContent = said.error || form.dataset.textUnkept;
      state.classList.toggle("unkept", !answer.ok);
    } catch {
      state.textContent = form.dataset.textUnkept;
      state.classList.add("unkept");
    }
  }

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (running = running.then(save)), PAUSE);
  };
  form.addEventListener("input", soon);
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-insert-text], [data-insert-canned]")) soon();
  });
  new MutationObserver(soon).observe(form.querySelector("[data-file-list]"), { childList: true, subtree: true });
  form.addEventListener("submit", () => {
    gone = true; // what is sent is no draft any more
    clearTimeout(timer);
  });
  window.addEventListener("pageshow", () => (gone = false));
  return { save: () => (running = running.then(save)), soon };
}

// --- which act is meant: the card and the text show it before anything is pressed
function choose(name) {
  form.elements.kind.value = name;
  form.dataset.kind = name;
  body.focus();
  drafts.soon();
}

function pressChosen() {
  const button = form.querySelector(`[data-act="${form.dataset.kind}"] button`);
  if (form.dataset.kind && button) button.click();
}

// --- files at once: by choice, by drop and by paste, as customers have it
async function acceptFilesAtOnce() {
  const { acceptFiles } = await import(form.dataset.filesScript);
  const files = acceptFiles(form, form.querySelector("[data-files]"));
  form.querySelector("[data-without-script]").hidden = true;
  form.addEventListener(
    "submit",
    (event) => {
      const button = event.submitter;
      if (button?.closest(".acts, #news") && !files.ready(() => button.click())) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    true,
  );
}

// --- prepared answers are seen before they are inserted
function previewCanned() {
  const select = document.getElementById("canned");
  const preview = form.querySelector("[data-canned-preview]");
  select?.addEventListener("change", () => {
    const text = select.selectedOptions[0]?.dataset.text || "";
    preview.textContent = text;
    preview.hidden = !text;
  });
}

// --- who else is here, and whether something has come
function beat() {
  const here = document.getElementById("others-here");
  const arrived = document.getElementById("news-arrived");
  const seen = () => form?.elements.seen_version.value ?? "";

  async function ask() {
    const fields = { seen_version: seen() };
    if (form && body.value.trim()) fields.writing = "1";
    try {
      const answer = await post(workspace.dataset.presence, fields);
      if (!answer.ok) return;
      const said = await answer.json();
      const names = said.others.map((one) =>
        one.writing ? say(workspace.dataset.textWriting, { name: one.name }) : one.name,
      );
      const words = names.length ? say(workspace.dataset.textHere, { names: names.join(", ") }) : "";
      if (here.textContent !== words) here.textContent = words;
      if (said.news.length && arrived.hidden) {
        arrived.querySelector("[data-news]").textContent = said.news.join("; ");
        arrived.hidden = false;
      }
    } catch {
      // without a connection nobody is seen
    }
  }

  arrived.querySelector("button").addEventListener("click", async () => {
    if (form) await drafts.save();
    location.reload();
  });
  ask();
  setInterval(ask, BEAT);
  window.addEventListener("pagehide", () => {
    const data = new FormData();
    data.append("csrf_token", document.querySelector("input[name=csrf_token]").value);
    data.append("leaving", "1");
    navigator.sendBeacon(workspace.dataset.presence, data);
  });
}

// --- what was sent a moment ago, and can still be taken back
function countDown(held) {
  const until = Date.now() + Number(held.dataset.held) * 1000;
  const shown = held.querySelector("[data-seconds]");
  const timer = setInterval(() => {
    const left = Math.ceil((until - Date.now()) / 1000);
    shown.textContent = Math.max(0, left);
    if (left < 0) {
      clearInterval(timer);
      location.replace(location.pathname);
    }
  }, 250);
}

// --- keys, never while something is being typed
const KEYS = { r: "replies", i: "requests", s: "solutions", n: "notes" };
// the same keys under the Russian letters
const UNDER = { "к": "r", "ш": "i", "ы": "s", "т": "n", "г": "u", "е": "t", "о": "j", "л": "k", "п": "g", "й": "q" };
let before = "";

function pressed(event) {
  const field = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target === body) {
    event.preventDefault();
    return pressChosen();
  }
  if (event.key === "Escape" && field) return field.blur();
  if (field || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const typed = event.key.toLowerCase();
  const key = UNDER[typed] ?? typed;
  const sequence = before + key;
  before = key === "g" ? "g" : "";
  const act = keyed(sequence === "gq" ? sequence : key);
  if (act) {
    event.preventDefault();
    act();
  }
}

function keyed(key) {
  if (key in KEYS && form?.querySelector(`[data-act="${KEYS[key]}"]`)) return () => choose(KEYS[key]);
  const undo = document.getElementById("undo");
  const take = document.getElementById("take");
  return {
    u: undo && (() => undo.click()),
    t: take && (() => take.requestSubmit()),
    j: () => location.assign(workspace.dataset.next),
    k: () => location.assign(workspace.dataset.previous),
    gq: () => location.assign(workspace.dataset.queue),
    "?": () => document.getElementById("shortcuts").showModal(),
  }[key];
}

// --- the first lines of a text or a log, fetched when they are asked for
function showExcerpts() {
  for (const place of document.querySelectorAll("[data-excerpt]")) {
    place.addEventListener("toggle", async () => {
      const answer = await fetch(place.dataset.excerpt).catch(() => null);
      if (answer?.ok) place.querySelector("pre").textContent = await answer.text();
    }, { once: true });
  }
}

showExcerpts();
const drafts = form && keepDrafts();
if (form) {
  form.addEventListener("click", (event) => {
    const act = event.target.closest("button")?.closest("[data-act]");
    if (act) form.elements.kind.value = act.dataset.act;
  });
  acceptFilesAtOnce();
  previewCanned();
}
const held = document.getElementById("held");
if (held) countDown(held);
if (workspace.dataset.presence) beat();
document.addEventListener("keydown", pressed);
const sheet = document.getElementById("show-shortcuts");
sheet.hidden = false;
sheet.addEventListener("click", () => document.getElementById("shortcuts").showModal());
