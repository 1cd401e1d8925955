// Comforts. Every page works without this file; nothing here decides or stores anything about a case.
"use strict";

// A second press of a button does not send the form twice (the server's idempotency key is the real guard).
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(() => reopen(form), 8000); // a download leaves the page where it is
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(reopen)); // the back button

function reopen(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
}

// After a refused form, reading goes on at the summary of errors; a picture opens at the current step.
document.querySelector("[data-focus]")?.focus();
for (const box of document.querySelectorAll("[data-picture]")) {
  const now = box.querySelector(".step.overdue, .step.failed, .step.current")?.getBoundingClientRect();
  if (!now) continue;
  const frame = box.getBoundingClientRect();
  box.scrollLeft += now.left + now.width / 2 - frame.left - frame.width / 2;
  box.scrollTop += now.top + now.height / 2 - frame.top - frame.height / 2;
}

// "Select all" in a long list; pressed again when all are ticked, it clears them.
for (const button of document.querySelectorAll("[data-all]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const boxes = [...button.closest("fieldset").querySelectorAll("input[type=checkbox]")];
    const tick = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = tick;
  });
}

// The inbox by keyboard: j, k, ?. Can be switched off, since single keys get in the way of speech input.
const rows = [...document.querySelectorAll("[data-rows] a.open")];
const help = document.querySelector("[data-keys]");
if (rows.length && help) {
  const wanted = help.querySelector("[data-keys-on]");
  help.hidden = false;
  wanted.checked = localStorage.getItem("keys") !== "off";
  wanted.addEventListener("change", () => localStorage.setItem("keys", wanted.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    const busy = event.target.closest("input:not([type=checkbox]), select, textarea");
    if (!wanted.checked || busy || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = rows.indexOf(document.activeElement);
    if (event.key === "j") rows[Math.min(at + 1, rows.length - 1)].focus();
    else if (event.key === "k") rows[Math.max(at - 1, 0)].focus();
    else if (event.key === "?") {
      help.open = !help.open;
      help.querySelector("summary").focus();
    }
  });
}
