// What a person says of songs. The page that says it knows that the library changes, so it isn't told so.
import { send } from "./send.js";

const page = document.body;
let under_way = 0;

async function change(path, body) {
  under_way += 1;
  page.dataset.changing = under_way;
  try {
    const kept = await send("POST", path, body);
    page.dataset.revision = kept.revision;
    return kept;
  } finally {
    under_way -= 1;
    if (under_way === 0) delete page.dataset.changing;
    else page.dataset.changing = under_way;
  }
}

// `about` is "song", "album" or "artist".
export const say = (songs, genre, about = "song") => change("/api/corrections", { songs, genre, about });
export const takeBack = (corrections) => change("/api/corrections/take-back", { corrections });
export const unsay = (songs) => change("/api/corrections/unsay", { songs });
export const wordOn = (song) => send("GET", `/api/corrections/${encodeURIComponent(song)}`);
