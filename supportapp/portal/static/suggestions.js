// Articles that may already answer: asked for while typing, never in the way of it.
const PAUSE = 350;
const ENOUGH = 4;
const LONGEST = 5000;

export function suggest(form, panel) {
  const text = panel.dataset;
  const list = panel.querySelector("[data-suggestions-list]");
  const status = panel.querySelector("[data-suggestions-status]");
  const more = panel.querySelector("[data-knowledge-base]");
  panel.querySelector("[data-only-script]").hidden = false;
  const base = more.href.split("?")[0];
  const { subject, body, product } = form.elements;
  let timer;
  let asking = new AbortController();
  let last = "";

  const soon = () => {
    more.href = subject.value.trim() ? `${base}?q=${encodeURIComponent(subject.value.trim())}` : base;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  };
  subject.addEventListener("input", soon);
  body.addEventListener("input", soon);
  product.addEventListener("change", soon);
  if (subject.value || body.value) soon();

  async function ask() {
    const question = { subject: subject.value.trim(), text: body.value.trim().slice(0, LONGEST), product_id: product.value };
    const asked = JSON.stringify(question);
    if (asked === last) return;
    last = asked;
    asking.abort();
    if (question.subject.length + question.text.length < ENOUGH) return show([]);
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
      if (answer.ok) show((await answer.json()).suggestions);
    } catch {
      // aborted by the next letter, or no connection: the form does not depend on it
    }
  }

  function show(found) {
    const kept = new Map([...list.children].map((item) => [item.dataset.article, item]));
    const items = found.map((article) => kept.get(String(article.id)) || newItem(article));
    // what is being read stays where it is, whatever is typed meanwhile
    const open = [...list.children].filter((item) => item.open && !items.includes(item));
    const wanted = [...items, ...open];
    for (const item of [...list.children]) if (!wanted.includes(item)) item.remove();
    wanted.forEach((item, place) => {
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] || null);
    });
    panel.classList.toggle("suggestions-found", wanted.length > 0);
    const sentence = found.length ? text.textFound.replace("{number}", found.length) : "";
    if (status.textContent !== sentence) status.textContent = sentence;
  }

  function newItem(article) {
    const item = document.createElement("details");
    item.className = "suggestion";
    item.dataset.article = article.id;
    const summary = document.createElement("summary");
    const title = document.createElement("span");
    title.className = "suggestion-title";
    title.textContent = article.title;
    const extract = document.createElement("span");
    extract.className = "suggestion-extract";
    extract.innerHTML = article.extract; // cleaned by the server: text with <mark>
    summary.append(title, extract);
    const content = document.createElement("div");
    content.className = "prose suggestion-content";
    content.textContent = text.textLoading;
    item.append(summary, content, actions(article));
    item.addEventListener("toggle", () => item.open && load(article, content), { once: true });
    return item;
  }

  function actions(article) {
    const row = document.createElement("p");
    row.className = "suggestion-actions";
    const solved = document.createElement("button");
    solved.type = "submit";
    solved.className = "btn btn-sm btn-primary";
    solved.name = "article_id";
    solved.value = article.id;
    solved.formNoValidate = true;
    solved.setAttribute("formaction", text.solved);
    solved.textContent = text.textSolved;
    const page = document.createElement("a");
    page.href = article.page;
    page.target = "_blank";
    page.rel = "noopener";
    page.textContent = text.textPage;
    row.append(solved, page);
    return row;
  }

  async function load(article, content) {
    try {
      const answer = await fetch(article.content, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const { html, language } = await answer.json();
      content.lang = language;
      content.innerHTML = html; // rendered and cleaned by the server, as on the article's own page
    } catch {
      content.textContent = text.textFailed;
    }
  }
}
