// The rules: sent as a whole; what cannot be kept is said above the button, and nothing is kept then.
import { send } from "./send.js";
import { toast } from "./toast.js";

const form = document.getElementById("rules");
const problem = document.getElementById("rules-problem");
const shown = form.querySelector("output");
let kept = null; // the word that they are
const lines = (field) => field.value.split("\n").map((line) => line.trim()).filter(Boolean);

form.elements.least_confidence.addEventListener("input", ({ target }) => { shown.textContent = `${target.value} %`; });

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = form.elements;
  const button = form.querySelector("button");
  button.disabled = true;
  problem.hidden = true;
  kept?.remove();
  try {
    const { playlists, songs } = await send("PUT", "/api/rules", {
      least_confidence: Number(fields.least_confidence.value) / 100,
      least_songs: Number(fields.least_songs.value),
      several_above: fields.several_above.value ? Number(fields.several_above.value) : null,
      only: lines(fields.only),
      without: lines(fields.without),
      sources: [...form.querySelectorAll("[name=sources]:checked")].map(({ value }) => value),
      order: fields.order.value,
      name_template: fields.name_template.value,
      description_template: fields.description_template.value,
      covers: fields.covers.checked,
      public: fields.public.checked,
      keep_unliked: fields.keep_unliked.checked,
      remake_deleted: fields.remake_deleted.checked,
    });
    const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
    kept = toast({ good: true, message: "Kept.", hint: `They come to ${count(playlists, "playlist")} with ${count(songs, "song")}.` });
  } catch ({ message, hint }) {
    problem.textContent = `${message} ${hint}`;
    problem.hidden = false;
    problem.scrollIntoView({ block: "nearest" });
  }
  button.disabled = false;
});
