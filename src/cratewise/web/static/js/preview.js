// The preview page: all songs of a change, fetched when somebody wants to see them.
import { send } from "./send.js";
import { toast } from "./toast.js";

const template = document.getElementById("diff");

function line(song, sign) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.classList.add(sign);
  const icons = document.body.dataset.icons;
  row.querySelector("use").setAttribute("href", `${icons}#${sign}`);
  const [title, artists] = row.querySelectorAll("bdi");
  title.textContent = song.title || "Untitled";
  artists.textContent = song.artists.join(", ") || "Unknown artist";
  row.querySelector(".reason").textContent = song.reason;
  return row;
}

for (const button of document.querySelectorAll("[data-show-all]")) {
  button.addEventListener("click", async () => {
    const card = button.closest("[data-change]");
    button.disabled = true;
    try {
      const change = await send("GET", `/api/plan/${encodeURIComponent(card.dataset.change)}${location.search}`);
      const rows = [...change.removes.map((song) => line(song, "minus")), ...change.adds.map((song) => line(song, "plus"))];
      const list = card.querySelector("[data-diffs]");
      list.replaceChildren(...rows);
      list.tabIndex = -1;
      list.focus({ preventScroll: true });
      button.remove();
    } catch (problem) {
      toast(problem);
      button.disabled = false;
    }
  });
}
