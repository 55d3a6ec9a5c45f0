"use strict";
/* How far an export is, once a second; without scripts the page loads itself anew. */
(function () {
    const state = document.querySelector("[data-progress]");
    const bar = document.getElementById("bar");
    if (!state) { return; }
    function ask() {
        fetch(state.dataset.progress, { headers: { Accept: "application/json" } }).then(function (answer) {
            if (!answer.ok) { throw new Error(answer.status); }
            return answer.json();
        }).then(function (far) {
            if (!far.unfinished) { window.location.reload(); return; }
            state.textContent = far.total ? far.state + ": " + far.done + " / " + far.total : far.state;
            bar.value = far.percent;
            window.setTimeout(ask, 1000);
        }).catch(function () { window.setTimeout(ask, 5000); });
    }
    window.setTimeout(ask, 1000);
}());
