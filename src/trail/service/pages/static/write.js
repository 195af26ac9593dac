// Orders an item's text and says how far it is; the text itself is made by the server's template.
"use strict";
for (const button of document.querySelectorAll("button[data-stream]")) {
  const told = document.querySelector(".progress");
  button.hidden = false;
  button.addEventListener("click", () => {
    const source = new EventSource(button.dataset.stream);
    const end = (words) => {
      source.close();
      told.textContent = words;
      button.disabled = false;
    };
    button.disabled = true;
    told.textContent = "Asked for …";
    source.addEventListener("state", (event) => {
      const { state, ahead } = JSON.parse(event.data);
      told.textContent = state === "working" ? "It is being written …" : `It waits; ${ahead} come before it.`;
    });
    source.addEventListener("explanation", () => {
      source.close();
      show(button.dataset.page).catch(() => end("It is written: load this page again."));
    });
    source.addEventListener("problem", (event) => {
      const { found, fix } = JSON.parse(event.data).error;
      end([found, fix].filter(Boolean).join("; "));
    });
    source.onerror = () => end("The server did not answer. Try again.");
  });
}

async function show(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const why = document.getElementById("why");
  why.replaceChildren(...document.importNode(page.getElementById("why"), true).childNodes);
  why.focus();
}
