// Logging in: the server begins it, and the browser goes to Spotify. What was typed wrongly is said beside the field.
import { send } from "./send.js";
import { keepToTell } from "./told.js";
import { toast } from "./toast.js";

for (const form of document.querySelectorAll("form[data-login]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button:not([type=button])");
    const field = form.elements.client_id;
    if (field && !field.value.trim()) return complain(field, { message: "Paste the Client ID first.", hint: "" });
    button.disabled = true;
    try {
      const { address } = await send("POST", "/api/login", { client_id: field?.value.trim() ?? "", ...JSON.parse(form.dataset.body) });
      location.assign(address);
    } catch (problem) {
      if (field) complain(field, problem);
      else toast(problem);
      button.disabled = false;
    }
  });
}

function complain(field, { message, hint }) {
  const place = document.getElementById(field.getAttribute("aria-describedby"));
  place.textContent = `${message.replace(/^./, (first) => first.toUpperCase())}${message.endsWith(".") ? "" : "."} ${hint}`;
  place.hidden = false;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

// What is done at once: the page after it is named here, or by the answer.
for (const form of document.querySelectorAll("form[data-order]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button:not([type=button])");
    button.disabled = true;
    try {
      const { address } = await send("POST", form.dataset.order);
      if (form.dataset.told) keepToTell([form.dataset.told]);
      location.assign(address ?? form.dataset.next);
    } catch (problem) {
      toast(problem);
      button.disabled = false;
    }
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    getSelection().selectAllChildren(source); // so that Ctrl+C does it where the browser refuses
    const said = button.querySelector("[data-copied]");
    said.textContent = await navigator.clipboard.writeText(source.textContent).then(() => "Copied", () => "Press Ctrl+C");
  });
}

// Coming back with the browser's own button: the page is then as it was left, its button off.
addEventListener("pageshow", (event) => event.persisted && location.reload());
