// Receipts work by CSS alone. With this file one stays while the page is scrolled, opens where there is room, never covers
// its own words on a phone, and is put away by the Escape key, as a reader who magnifies the page needs.
"use strict";
document.documentElement.classList.add("scripted");
let held = null; // the run whose receipts are shown
let dismissed = null; // the run that the Escape key put away, until the pointer leaves it
let seen = ""; // where the pointer was: scrolling moves the page below it, and is no pointing

const runOf = (target) => (target instanceof Element ? target.closest(".run") : null);
const textOf = (run) => run.closest(".explained");
const parts = (run) => [run, ...run.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id))];

function hold(run) {
  if (run === held) return;
  if (held) for (const part of parts(held)) part.classList.remove("held");
  held = run;
  if (!held) return;
  for (const part of parts(held)) part.classList.add("held");
  place(textOf(held));
}

function place(text) {
  const receipts = text.querySelector(".receipts");
  if (text.classList.contains("open")) return;
  text.classList.remove("above");
  const { top, bottom } = text.getBoundingClientRect();
  const sheet = receipts.getBoundingClientRect();
  if (getComputedStyle(receipts).position === "fixed") {
    const covered = held.getBoundingClientRect().bottom + 16 - sheet.top;
    if (covered > 0) scrollBy(0, covered);
  } else if (sheet.bottom > innerHeight && top > innerHeight - bottom) {
    text.classList.add("above");
  }
}

document.addEventListener("pointermove", (event) => {
  const where = `${event.screenX},${event.screenY}`;
  if (event.pointerType === "touch" || where === seen) return;
  seen = where;
  const run = runOf(event.target);
  if (run !== dismissed) dismissed = null;
  if (run) hold(run === dismissed ? null : run);
  else if (held && !textOf(held).contains(event.target)) hold(runOf(document.activeElement));
});
document.addEventListener("focusin", (event) => hold(runOf(event.target)));
document.addEventListener("focusout", (event) => hold(runOf(event.relatedTarget)));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  dismissed = held;
  hold(null);
});
