// Articles that may already answer: asked for while typing, never in the way of it.
import { reportSeen } from "./seen-articles.js";

const PAUSE = 250;
const ENOUGH = 4;
const HEAD = 8000;
const TAIL = 2000;
const AIM = 1000;

export function suggest(form, panel) {
  const text = panel.dataset;
  const list = panel.querySelector("[data-suggestions-list]");
  const status = panel.querySelector("[data-suggestions-status]");
  const more = panel.querySelector("[data-knowledge-base]");
  for (const hidden of panel.querySelectorAll("[data-only-script]")) hidden.hidden = false;
  form.elements.looked.value = "1"; // they stand beside the form: it need not ask before it is sent
  const base = more.href.split("?")[0];
  const { subject, body, product } = form.elements;
  const seen = reportSeen(form, text.seen, (number) => {
    status.textContent = number ? text.textFound.replace("{number}", number) : "";
  });
  let timer;
  let asking = new AbortController();
  let last = "";
  let waiting = null;
  let aimed = 0;

  const soon = () => {
    more.href = subject.value.trim() ? `${base}?q=${encodeURIComponent(subject.value.trim())}` : base;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  };
  subject.addEventListener("input", soon);
  body.addEventListener("input", soon);
  form.addEventListener("change", (event) => ["product", "certificate"].includes(event.target.name) && soon());
  // who reads or aims in the list must not have it move away; a newer one waits until he is done
  panel.addEventListener("focusout", () => setTimeout(showWaiting));
  list.addEventListener("pointermove", () => (aimed = Date.now()));
  form.addEventListener("reset", () => {
    seen.forget();
    list.replaceChildren();
    setTimeout(soon);
  });
  if (subject.value || body.value) soon();

  async function ask() {
    const written = body.value.trim();
    const question = {
      subject: subject.value.trim(),
      text: written.length > HEAD + TAIL ? `${written.slice(0, HEAD)}\n${written.slice(-TAIL)}` : written,
      product_id: product.value,
      covered: product.value ? "" : coveredProducts(),
    };
    const asked = JSON.stringify(question);
    if (asked === last) return;
    last = asked;
    asking.abort();
    if (question.subject.length + question.text.length < ENOUGH) return offer([]);
    asking = new AbortController();
    try {
      const answer = await fetch(text.ask, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json",
          "X-CSRFToken": form.elements.csrf_token.value,
        },
        body: asked,
        signal: asking.signal,
      });
      const { suggestions } = answer.ok ? await answer.json() : {};
      if (Array.isArray(suggestions)) offer(suggestions);
    } catch {
      // aborted by the next letter, or no connection: the last list stays, and the form does not depend on it
    }
  }

  function coveredProducts() {
    return form.querySelector("input[name=certificate]:checked")?.dataset.products || "";
  }

  function offer(found) {
    waiting = found;
    showWaiting();
  }

  function showWaiting() {
    if (!waiting || list.contains(document.activeElement)) return;
    const aiming = aimed + AIM - Date.now();
    if (aiming > 0) return setTimeout(showWaiting, aiming);
    show(waiting);
    waiting = null;
  }

  function show(found) {
    const kept = new Map([...list.children].map((item) => [item.dataset.article, item]));
    const items = found.map((article) => kept.get(String(article.id)) || newItem(article));
    // what is being read stays, whatever is typed meanwhile
    const reading = [...list.children].filter((item) => item.open);
    const wanted = [...items, ...reading.filter((item) => !items.includes(item))];
    for (const item of [...list.children]) if (!wanted.includes(item)) item.remove();
    wanted.forEach((item, place) => {
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] || null);
    });
    panel.classList.toggle("suggestions-found", wanted.length > 0);
    // what stands below does not jump up and down with every list; it gives way once
    if (wanted.length && !reading.length) list.style.minHeight = `${list.offsetHeight}px`;
    seen.shown(found.map((article) => article.id));
  }

  function newItem(article) {
    const item = document.createElement("details");
    item.className = "suggestion";
    item.dataset.article = article.id;
    const summary = document.createElement("summary");
    const title = document.createElement("span");
    title.className = "suggestion-title";
    title.textContent = article.title;
    title.lang = article.language;
    const extract = document.createElement("span");
    extract.className = "suggestion-extract";
    extract.lang = article.language;
    extract.innerHTML = article.extract; // cleaned by the server: text with <mark>
    summary.append(title, extract);
    const content = document.createElement("div");
    content.className = "prose suggestion-content";
    content.textContent = text.textLoading;
    item.append(summary, content, actions(article, item, summary));
    item.addEventListener("toggle", () => item.open && open(article, content), { once: true });
    return item;
  }

  function actions(article, item, summary) {
    const row = document.createElement("p");
    row.className = "suggestion-actions";
    const solved = button("submit", "btn btn-sm btn-primary", text.textSolved);
    solved.name = "article_id";
    solved.value = article.id;
    solved.formNoValidate = true;
    solved.setAttribute("formaction", text.solved);
    const useless = button("button", "btn btn-sm btn-outline-secondary", text.textUseless);
    useless.addEventListener("click", () => {
      item.open = false;
      item.classList.add("suggestion-useless");
      summary.focus();
    });
    const page = document.createElement("a");
    page.href = article.page;
    page.target = "_blank";
    page.rel = "noopener";
    page.textContent = text.textPage;
    row.append(solved, useless, page);
    return row;
  }

  function button(type, style, words) {
    const made = document.createElement("button");
    made.type = type;
    made.className = style;
    made.textContent = words;
    return made;
  }

  async function open(article, content) {
    seen.opened(article.id);
    try {
      const answer = await fetch(article.content, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const { html, language } = await answer.json();
      content.lang = language;
      content.innerHTML = html; // rendered and cleaned by the server, as on the article's own page
      // several articles on one page: their headings' ids would be doubled, and no link may lead away from the form
      for (const marked of content.querySelectorAll("[id]")) marked.removeAttribute("id");
      for (const link of content.querySelectorAll("a[href]")) {
        if (link.getAttribute("href").startsWith("#")) link.href = `${article.page}${link.getAttribute("href")}`;
        link.target = "_blank";
        link.rel = "noopener";
      }
      for (const wide of content.querySelectorAll("pre, table")) wide.tabIndex = 0;
    } catch {
      content.textContent = text.textFailed;
    }
  }
}
