// Every page: the theme, the live state, buttons that start something, dialogs.
import { beginAtHeading, moveOn } from "./focus.js";
import { begin, doubtJob, jobPlace, showJob } from "./job.js";
import { follow, hear } from "./live.js";
import { send } from "./send.js";
import { toast } from "./toast.js";
import { tell } from "./told.js";

const page = document.body;
beginAtHeading();
tell();

// The theme is kept in a cookie that only the server reads, so that the first paint is right.
document.querySelector("[data-theme-switch]").addEventListener("click", async () => {
  const root = document.documentElement;
  const light = root.dataset.theme === "light" || (root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: light)").matches);
  root.dataset.theme = light ? "dark" : "light";
  await send("PUT", "/api/theme", { theme: root.dataset.theme }).catch(toast);
});

// A form with data-action starts a job; the page then shows it without being loaded again.
for (const form of document.querySelectorAll("form[data-action]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button:not([type=button])");
    button.disabled = true;
    try {
      begin(await send("POST", form.dataset.action, form.dataset.body ? JSON.parse(form.dataset.body) : undefined));
      form.closest("dialog")?.close();
      button.disabled = false;
      moveOn(form, jobPlace());
    } catch (problem) {
      toast(problem);
      button.disabled = false;
      moveOn(form, button);
    }
  });
}

for (const button of document.querySelectorAll("[data-job-stop]")) {
  button.addEventListener("click", () => send("POST", "/api/jobs/stop").then((state) => showJob(state.job), toast));
}
for (const button of document.querySelectorAll("[data-open]")) {
  button.addEventListener("click", () => document.getElementById(button.dataset.open).showModal());
}
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}

let told = false;
hear((state) => {
  const ended = showJob(state.job);
  const active = state.job?.status === "running" || state.job?.status === "stopping"; // its end moves the page on
  const isOld = page.dataset.revision && state.revision !== page.dataset.revision && !page.dataset.changing;
  if (!ended && !active && isOld && !told) {
    told = true;
    const action = { name: "Show it", run: () => location.reload(), stays: true };
    toast({ message: "Your library has changed.", hint: "This page shows how it was before.", good: true, action });
  }
});
follow(doubtJob);
