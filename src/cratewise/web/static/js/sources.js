// Which sources may be asked, and the key of Last.fm: it is sent once and never comes back.
import { send } from "./send.js";
import { keepToTell } from "./told.js";

const form = document.getElementById("choose-sources");
const problem = document.getElementById("sources-problem");
const key = form.elements.lastfm_key;
const boxes = [...form.querySelectorAll("[name=sources]")];

// What is set elsewhere is switched off here, and not sent.
async function keep(word, told) {
  problem.hidden = true;
  key.removeAttribute("aria-invalid");
  try {
    await send("PUT", "/api/sources", word);
    keepToTell([told]);
    location.reload();
  } catch ({ message, hint }) {
    problem.textContent = `${message} ${hint}`;
    problem.hidden = false;
    if ("lastfm_key" in word) key.setAttribute("aria-invalid", "true");
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const word = {};
  if (!boxes[0].matches(":disabled")) word.sources = boxes.filter((one) => one.checked).map(({ value }) => value);
  if (!key.disabled && key.value.trim()) word.lastfm_key = key.value.trim();
  keep(word, "Kept.");
});
form.querySelector("[data-forget-key]")?.addEventListener("click", () => keep({ lastfm_key: "" }, "The key of Last.fm is removed."));
