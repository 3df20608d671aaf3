// Covers: an album's own where there is one, else one of the drawings of its genre.

// Which of the genre's 500 pictures an album has.
function pictureOf(text) {
  let value = 7;
  for (const character of text) value = (value * 31 + character.codePointAt(0)) % 1_000_003;
  return value % 500;
}

// `family` is that of the drawing, empty for a song of no genre.
export function coverOf(image, { cover, family, album, title }) {
  const drawn = !cover.startsWith("https:");
  const drawing = `/covers/${family || "unsorted"}/${pictureOf(album || title)}.svg`;
  image.onerror = () => { // the cover is gone, or its address cannot be reached
    image.onerror = null;
    image.toggleAttribute("data-drawn", true);
    image.src = drawing;
  };
  image.toggleAttribute("data-drawn", drawn);
  image.src = drawn ? drawing : cover;
}
