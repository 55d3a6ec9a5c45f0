// Files by choice, by drop and by paste: each goes to the server at once, with its progress and its own sentence.
export function acceptFiles(form, area) {
  const text = area.dataset;
  const list = area.querySelector("[data-file-list]");
  const input = area.querySelector("input[type=file]");
  const status = area.querySelector("[data-file-status]");
  const problem = area.querySelector("[data-file-problem]");
  const maxFiles = Number(text.maxFiles);
  const maxBytes = Number(text.maxBytes);
  let queue = Promise.resolve();
  let pending = 0;
  let sendWhenDone = null;

  const say = (template, values = {}) =>
    template.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  const announce = (sentence) => (status.textContent = sentence);
  const complain = (sentence) => {
    problem.textContent = sentence;
    problem.hidden = !sentence;
  };
  const token = () => form.elements.form_token.value;
  const csrf = () => form.elements.csrf_token.value;

  area.querySelector("[data-only-script]").hidden = false;
  for (const row of list.children) replaceTick(row);

  input.addEventListener("change", () => {
    add(input.files);
    input.value = "";
  });
  form.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    area.classList.add("files-over");
  });
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) area.classList.remove("files-over");
  });
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    area.classList.remove("files-over");
    add(event.dataTransfer.files);
    area.scrollIntoView({ block: "nearest" });
  });
  form.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    if (!files.length || types.includes("text/plain")) return; // a cell copied from a table is meant as text
    event.preventDefault();
    add([...files].map(named));
  });

  function named(file) {
    if (!/^image\.(png|jpe?g|webp|gif|bmp)$/i.test(file.name)) return file;
    const now = new Date();
    const part = (number) => String(number).padStart(2, "0");
    const day = `${now.getFullYear()}-${part(now.getMonth() + 1)}-${part(now.getDate())}`;
    const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(part).join("-");
    const extension = file.name.split(".").pop();
    return new File([file], `${text.textScreenshot} ${day} ${time}.${extension}`, { type: file.type });
  }

  function add(files) {
    complain("");
    for (const file of files) {
      if (list.querySelectorAll("li:not(.file-failed)").length >= maxFiles) {
        complain(say(text.textTooMany));
        return;
      }
      const row = newRow(file);
      if (file.size > maxBytes) fail(row, say(text.textTooLarge, { name: file.name }));
      else {
        pending += 1;
        queue = queue.then(() => upload(row, file)).finally(done);
      }
    }
  }

  function newRow(file) {
    const row = document.createElement("li");
    const name = document.createElement("span");
    name.className = "file-name";
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", say(text.textUploading, { name: file.name }));
    row.append(name, bar);
    row.dataset.name = file.name;
    list.append(row);
    return row;
  }

  // XMLHttpRequest and not fetch: only it tells how far an upload has come
  function upload(row, file, asItIs = false) {
    return new Promise((resolve) => {
      if (!row.isConnected) return resolve();
      const body = new FormData();
      body.append("draft", token());
      if (asItIs) body.append("secrets", "keep");
      body.append("file", file, file.name);
      const request = new XMLHttpRequest();
      request.open("POST", text.upload);
      request.setRequestHeader("X-CSRFToken", csrf());
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.upload.addEventListener("progress", (event) => {
        const bar = row.querySelector("progress");
        if (bar && event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
      });
      request.addEventListener("loadend", () => {
        const answer = request.response;
        if (request.status === 201 && answer) show(row, answer);
        else {
          fail(row, answer?.error || say(text.textFailed, { name: file.name }));
          if (answer?.reason === "secret_file") row.lastChild.before(keepButton(row, file));
        }
        resolve();
      });
      request.send(body);
    });
  }

  function show(row, stored) {
    row.dataset.file = stored.id;
    row.dataset.removal = stored.removal;
    row.dataset.name = stored.name;
    const link = document.createElement("a");
    link.href = stored.url;
    link.textContent = stored.name;
    const size = document.createElement("span");
    size.className = "muted small";
    size.textContent = stored.size;
    const name = document.createElement("span");
    name.className = "file-name";
    name.append(link, " ", size);
    row.replaceChildren(name);
    if (stored.thumbnail) {
      const picture = document.createElement("img");
      picture.className = "file-picture";
      picture.src = stored.thumbnail;
      picture.alt = "";
      row.prepend(picture);
    }
    row.append(removeButton(row));
    announce(say(text.textAdded, { name: stored.name }));
  }

  function fail(row, sentence) {
    row.classList.add("file-failed");
    const words = document.createElement("span");
    words.className = "file-name";
    words.textContent = sentence;
    words.setAttribute("role", "alert");
    row.replaceChildren(words, removeButton(row));
  }

  // a file with a secret was not kept: only who insists sends it once more
  function keepButton(row, file) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm btn-outline-secondary";
    button.textContent = text.textKeep;
    button.addEventListener("click", () => {
      const fresh = newRow(file);
      row.replaceWith(fresh);
      complain("");
      pending += 1;
      queue = queue.then(() => upload(fresh, file, true)).finally(done);
    });
    return button;
  }

  function replaceTick(row) {
    row.dataset.name = row.querySelector("a").textContent;
    row.querySelector(".file-remove").replaceWith(removeButton(row));
  }

  function removeButton(row) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "file-remove-button";
    button.textContent = "×";
    const label = say(text.textRemove, { name: row.dataset.name });
    button.setAttribute("aria-label", label);
    button.title = label;
    button.addEventListener("click", () => remove(row));
    return button;
  }

  function remove(row) {
    if (row.dataset.removal) {
      const headers = { "X-CSRFToken": csrf(), Accept: "application/json" };
      fetch(row.dataset.removal, { method: "POST", headers }).catch(() => {});
    }
    announce(say(text.textRemoved, { name: row.dataset.name }));
    row.remove();
    complain("");
    input.focus();
  }

  function done() {
    pending -= 1;
    if (pending || !sendWhenDone) return;
    const send = sendWhenDone;
    sendWhenDone = null;
    complain("");
    send();
  }

  return {
    // Whether the form may go now; otherwise "send" is called when the last file has arrived.
    ready(send) {
      if (pending) {
        sendWhenDone = send;
        complain(text.textWait);
        return false;
      }
      if (list.querySelector(".file-failed")) {
        complain(text.textMend);
        list.querySelector(".file-failed button").focus();
        return false;
      }
      return true;
    },

    // A restored draft: what was uploaded for it before.
    async showWaiting() {
      try {
        const answer = await fetch(`${text.list}?draft=${encodeURIComponent(token())}`, {
          headers: { Accept: "application/json" },
        });
        if (!answer.ok) return;
        for (const stored of (await answer.json()).files) {
          const row = document.createElement("li");
          list.append(row);
          show(row, stored);
        }
      } catch {
        // without a connection the list stays empty; the files are safe
      }
    },

    clear() {
      list.replaceChildren();
      complain("");
    },
  };
}
