"use strict";
/* The queue by keyboard. Every page works without it. */
(function () {
    const rows = Array.from(document.querySelectorAll(".queue tbody tr"));
    const output = document.querySelector("[data-chosen]");
    let here = -1;

    function box(row) { return row.querySelector("input[name=rowid]"); }

    function count() {
        if (!output) { return; }
        const chosen = rows.filter(function (row) {
            row.classList.toggle("ticked", box(row).checked);
            return box(row).checked;
        }).length;
        output.textContent = chosen;
        output.hidden = !chosen;
    }

    function go(step) {
        if (!rows.length) { return; }
        if (here >= 0) { rows[here].classList.remove("here"); }
        here = Math.max(0, Math.min(rows.length - 1, here + step));
        rows[here].classList.add("here");
        rows[here].querySelector("a.subject").focus();
    }

    const acts = {
        j: function () { go(1); },
        k: function () { go(-1); },
        x: function () { if (here >= 0) { box(rows[here]).checked = !box(rows[here]).checked; count(); } },
        o: function () { if (here >= 0) { rows[here].querySelector("a.subject").click(); } },
        "/": function () { document.querySelector("[data-key-search]").focus(); },
    };
    // the same keys under the Russian letters
    Object.assign(acts, { "о": acts.j, "л": acts.k, "ч": acts.x, "щ": acts.o });

    document.addEventListener("keydown", function (event) {
        if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) { return; }
        const act = acts[event.key.toLowerCase()];
        if (act) { act(); event.preventDefault(); }
    });
    // what was done to several tickets shows when it has left, unless somebody is in the middle of something
    const leaving = document.querySelector("[data-leaves]");
    if (leaving) {
        window.setTimeout(function () {
            const busy = document.activeElement.closest("input, select, textarea");
            if (!busy && !rows.some(function (row) { return box(row).checked; })) { location.reload(); }
        }, (Number(leaving.dataset.leaves) + 3) * 1000);
    }
    document.addEventListener("change", count);
    document.addEventListener("click", function () { window.setTimeout(count); });
    count();
})();
