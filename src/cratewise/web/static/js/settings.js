// The look, chosen outright; the switch at the foot of every page only turns it over.
import "./connect.js"; // the form that forgets
import { send } from "./send.js";
import { toast } from "./toast.js";

const choice = document.querySelector("[data-theme-choice]");
choice.addEventListener("change", ({ target }) => {
  document.documentElement.dataset.theme = target.value;
  send("PUT", "/api/theme", { theme: target.value }).catch(toast);
});
new MutationObserver(() => {
  const { theme } = document.documentElement.dataset;
  choice.querySelector(`[value="${theme}"]`).checked = true;
}).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
