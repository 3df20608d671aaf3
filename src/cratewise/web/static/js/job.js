// The running job, in the page's panel or in the dock at its foot.
import { keepForHeading } from "./focus.js";
import { keepToTell } from "./told.js";

const panel = document.querySelector('[data-job="panel"]');
const dock = document.querySelector('[data-job="dock"]');
const idle = document.querySelectorAll("[data-job-idle]");
const busy = document.querySelectorAll("[data-job-busy]");
const numbers = new Intl.NumberFormat("en");

// Which job was begun in this tab. Its end moves the tab on, as it does a page whose panel shows it; whoever does something
// else in another tab stays there.
const KEY = "cratewise-job";
// The job this page has seen running.
let watched = (panel ?? dock)?.dataset.jobId ?? "";
// The last one that is known to be over.
let over = null;

function left(seconds) {
  if (seconds === null) return "";
  return seconds < 60 ? `about ${Math.max(Math.round(seconds), 1)} s left` : `about ${Math.round(seconds / 60)} min left`;
}

// The part of the page that shows the job.
export const jobPlace = () => panel ?? dock;

// Shows a job that was just begun here. The news of a short one's end can be here before the answer that it began.
export function begin(job) {
  sessionStorage.setItem(KEY, job.job_id);
  watched = job.job_id;
  showJob(over?.job_id === job.job_id ? over : job);
}

// Shows the job; answers true when its end has just moved the page on.
export function showJob(job) {
  const place = panel ?? dock;
  if (!place || !job) return false;
  const active = job.status === "running" || job.status === "stopping";
  if (!active) {
    over = job;
    if (job.job_id !== watched) return false;
    watched = "";
    const isOfThisPage = place === panel || sessionStorage.getItem(KEY) === job.job_id;
    if (job.kind === "upkeep" || !isOfThisPage) { // nobody asked for it here: the page stays where it is
      place.hidden = true;
      for (const element of idle) element.hidden = false;
      for (const element of busy) element.hidden = true;
      return false;
    }
    keepForHeading(place);
    if (job.result?.told) keepToTell(job.result.told);
    const next = job.status === "done" ? job.result.next : location.pathname + location.search;
    if (next === location.pathname + location.search) location.reload();
    else location.assign(next);
    return true;
  }
  watched = job.job_id;
  place.hidden = false;
  for (const element of idle) element.hidden = true;
  for (const element of busy) element.hidden = false;
  const stage = place.querySelector("[data-job-stage]");
  const words = job.status === "stopping" ? "Stopping…" : job.stage;
  if (stage.textContent !== words) stage.textContent = words;
  place.querySelector("[data-job-stop]").disabled = job.status === "stopping";
  const progress = place.querySelector("progress");
  if (job.total) {
    progress.max = job.total;
    progress.value = job.done;
  } else {
    progress.removeAttribute("value");
  }
  place.querySelector("[data-job-count]").textContent = job.total ? `${numbers.format(job.done)} of ${numbers.format(job.total)}` : "";
  place.querySelector("[data-job-left]").textContent = left(job.seconds_left);
  return false;
}

// While the server is gone nobody knows how far the job is, and it cannot be stopped; the next state shows it again.
export function doubtJob() {
  const place = jobPlace();
  if (!watched || !place) return;
  const stop = place.querySelector("[data-job-stop]");
  if (document.activeElement === stop) place.focus();
  stop.disabled = true;
  place.querySelector("[data-job-left]").textContent = "No news for now";
}
