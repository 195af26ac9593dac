// Receipts work by CSS alone; this lets the Escape key put one away, as a reader who magnifies the page needs.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const text of document.querySelectorAll(".explained:has(.run:is(:hover, :focus))")) {
    text.classList.add("dismissed");
    const back = () => text.classList.remove("dismissed");
    text.addEventListener("pointerleave", back, { once: true });
    text.addEventListener("focusout", back, { once: true });
  }
});
