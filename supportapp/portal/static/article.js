// A button on every block of code that copies it. Without a script, or without a clipboard, there is none.
const prose = document.querySelector(".prose[data-copy]");

if (prose && navigator.clipboard) {
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  status.lang = prose.dataset.language;
  prose.after(status);
  for (const block of prose.querySelectorAll("pre")) {
    const frame = document.createElement("div");
    frame.className = "code";
    block.before(frame);
    frame.append(copyButton(block, status), block);
  }
}

function copyButton(block, status) {
  const button = document.createElement("button");
  button.type = "button";
  button.lang = prose.dataset.language;
  button.textContent = prose.dataset.copy;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(block.textContent.replace(/\n$/, ""));
    } catch {
      return; // refused by the browser: the text can still be marked by hand
    }
    button.textContent = status.textContent = prose.dataset.copied;
    setTimeout(() => {
      button.textContent = prose.dataset.copy;
      status.textContent = "";
    }, 2000);
  });
  return button;
}
