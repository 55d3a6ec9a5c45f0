"use strict";
/* Conveniences; every page works without them. */
document.addEventListener("click", function (event) {
    const all = event.target.closest("[data-tick-all]");
    if (all) {
        document.querySelectorAll("input[name=rowid]").forEach(function (box) { box.checked = all.checked; });
    }
    const link = event.target.closest("[data-insert-text]");
    if (link) {
        const body = document.getElementById("body");
        const before = body.value.slice(0, body.selectionStart);
        const after = body.value.slice(body.selectionEnd);
        const text = (/\S$/.test(before) ? " " : "") + link.dataset.insertText + (/^[\p{L}\p{N}]/u.test(after) ? " " : "");
        body.setRangeText(text, body.selectionStart, body.selectionEnd, "end");
        body.focus();
        event.preventDefault();
    }
    const insert = event.target.closest("[data-insert-canned]");
    if (insert) {
        const chosen = document.getElementById("canned").selectedOptions[0];
        const body = document.getElementById("body");
        if (chosen && chosen.dataset.text) {
            const above = /[^\n]$/.test(body.value.slice(0, body.selectionStart)) ? "\n\n" : "";
            const below = /^[^\n]/.test(body.value.slice(body.selectionEnd)) ? "\n\n" : "";
            body.setRangeText(above + chosen.dataset.text + below, body.selectionStart, body.selectionEnd, "end");
            body.focus();
        }
        event.preventDefault();
    }
});
/* A second press of a button sends nothing twice. */
document.addEventListener("submit", function (event) {
    if (event.target.method !== "post") { return; }
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "1";
    const waiting = event.target.querySelector("[data-waiting]");
    if (waiting) { waiting.hidden = false; }
    window.addEventListener("pageshow", function () {
        delete event.target.dataset.sent;
        if (waiting) { waiting.hidden = true; }
    }, { once: true });
});
