// Orders an item's text and says how far it is; the text itself is made by the server's template.
"use strict";
for (const button of document.querySelectorAll("button[data-stream]")) {
  const told = document.querySelector(".progress");
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    told.textContent = "Asked for …";
    try {
      told.textContent = await order(button.dataset.stream, button.dataset.page, told);
    } catch {
      told.textContent = "The server did not answer. Try again.";
    }
    button.disabled = false;
  });
}

// Follows a text until it is shown, and returns what is left to say: why it is not. No EventSource, which hides why it was refused.
async function order(stream, page, told) {
  const answer = await fetch(stream, { headers: { Accept: "text/event-stream" } });
  if (!answer.ok) return refusal(await answer.json());
  for await (const [kind, data] of events(answer.body)) {
    if (kind === "problem") return refusal(data);
    if (kind === "explanation") return show(page).then(() => "", () => "It is written: load this page again.");
    told.textContent = data.state === "working" ? "It is being written …" : `It waits; ${data.ahead} come before it.`;
  }
  throw new Error("the stream ended early");
}

function refusal({ error }) {
  return [error.found, error.fix].filter(Boolean).join("; ");
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const whole = (rest + read.value).split("\n\n");
    rest = whole.pop();
    for (const each of whole) {
      const [, kind, data] = each.match(/^event: (.+)\ndata: (.+)$/s) ?? []; // else a sign of life
      if (kind) yield [kind, JSON.parse(data)];
    }
  }
}

async function show(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const why = document.getElementById("why");
  why.replaceChildren(...document.importNode(page.getElementById("why"), true).childNodes);
  why.focus();
}
