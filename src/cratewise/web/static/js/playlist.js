// A playlist of chosen songs: named in a dialog, made as a job, whose end shows the run.
import { begin } from "./job.js";
import { send } from "./send.js";

const [GENRE, FLAGS, ID] = [3, 6, 10];
const GONE = 2;
const numbers = new Intl.NumberFormat("en");
const making = document.querySelector("[data-playlist]"); // there is none where the login has to be asked for first

const counted = (number) => `${numbers.format(number)} ${number === 1 ? "song" : "songs"}`;

// The genres of songs and how many each has, those of the most first.
export function mostOf(songs) {
  const counts = new Map();
  for (const song of songs) counts.set(song[GENRE], (counts.get(song[GENRE]) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

// `chosen` gives the songs, as the API lists them, and the names of genres: {songs, genres}.
export function offerPlaylist(chosen) {
  if (!making) return;
  const playable = () => chosen().songs.filter((song) => !(song[FLAGS] & GONE));
  const complaint = making.querySelector("#playlist-problem");
  const { name } = making.elements;

  document.querySelector("[data-open=playlist]").addEventListener("click", () => {
    const { songs, genres } = chosen();
    const many = playable().length;
    const gone = songs.length - many;
    making.querySelector("[data-playlist-count]").textContent = counted(many);
    making.querySelector("[data-playlist-gone]").textContent = gone ? `${counted(gone)} that Spotify no longer plays ${gone === 1 ? "stays" : "stay"} out.` : "";
    complaint.hidden = true;
    name.value = mostOf(songs).slice(0, 2).map(([genre]) => genres[genre] ?? "Not sorted").join(" & ").slice(0, name.maxLength);
    name.select();
  });
  making.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = making.querySelector("button.primary");
    button.disabled = true;
    try {
      const job = await send("POST", "/api/jobs/playlist", { name: name.value, songs: playable().map((song) => song[ID]) });
      making.closest("dialog").close();
      begin(job);
    } catch ({ message, hint }) {
      complaint.textContent = `${message} ${hint}`;
      complaint.hidden = false;
    }
    button.disabled = false;
  });
}
