// The passphrase: sent, and the page that was asked for opened, or what was wrong said beside the field.
import { send } from "./send.js";

const form = document.querySelector("[data-enter]");
const field = form.elements.passphrase;
const place = document.getElementById("problem");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    await send("POST", "/api/enter", { passphrase: field.value });
    location.replace(form.dataset.back);
  } catch ({ message, hint }) {
    place.textContent = `${message} ${hint}`;
    place.hidden = false;
    field.setAttribute("aria-invalid", "true");
    field.select();
    button.disabled = false;
  }
});
