// How often the playlists are kept current: refused where nobody has seen yet what that would write.
import { send } from "./send.js";
import { keepToTell } from "./told.js";

const form = document.getElementById("schedule");
const problem = document.getElementById("schedule-problem");
const every = form.elements.every;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.hidden = true;
  try {
    const kept = await send("PUT", "/api/schedule", { every: every.value });
    keepToTell([kept.every === "off" ? "Nothing is written by itself." : "Your playlists are kept current from now on."]);
    location.reload();
  } catch ({ message, hint }) {
    problem.textContent = `${message} ${hint}`;
    problem.hidden = false;
  }
});
