// Files of songs: chosen, or dropped on the place for them, and sent as they are.
import { begin, jobPlace } from "./job.js";
import { moveOn } from "./focus.js";
import { send } from "./send.js";
import { toast } from "./toast.js";

for (const place of document.querySelectorAll("[data-import]")) {
  const field = place.querySelector("input[type=file]");

  const take = async (file) => {
    if (!file) return;
    field.disabled = true;
    try {
      begin(await send("POST", `/api/jobs/import?name=${encodeURIComponent(file.name)}`, file));
      moveOn(place, jobPlace());
    } catch (problem) {
      toast(problem);
    }
    field.disabled = false;
    field.value = ""; // the same file once more is a change, too
  };

  field.addEventListener("change", () => take(field.files[0]));
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.dataset.over = "";
  });
  place.addEventListener("dragleave", () => delete place.dataset.over);
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    delete place.dataset.over;
    take(event.dataTransfer.files[0]);
  });
}
