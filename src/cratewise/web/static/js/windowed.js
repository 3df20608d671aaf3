// A long list of rows of one height, scrolled with the page: only the rows in view, and the one with the focus, exist.
const ROW = 64;
const SPARE = 8; // rows beyond each edge, so that scrolling and the Tab key find them ready

export class Windowed {
  #place;
  #template;
  #fill;
  #count = 0;
  #rows = new Map(); // position -> element
  #asked = false;

  // `fill(element, position)` writes one row.
  constructor(place, template, fill) {
    this.#place = place;
    this.#template = template;
    this.#fill = fill;
    const draw = () => this.#soon();
    addEventListener("scroll", draw, { passive: true });
    addEventListener("resize", draw);
  }

  // Shows `count` rows anew.
  show(count) {
    this.#count = count;
    this.#place.style.height = `${count * ROW}px`; // through the CSSOM, which the content security policy allows
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
    this.#draw();
  }

  // Puts the keyboard on a row, wherever that is.
  focus(position) {
    if (!this.#rows.has(position)) this.#add(position);
    this.#rows.get(position).querySelector("button").focus();
  }

  #soon() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#draw();
    });
  }

  #draw() {
    const top = this.#place.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(-top / ROW) - SPARE);
    const last = Math.min(this.#count, Math.ceil((innerHeight - top) / ROW) + SPARE);
    for (const [position, row] of this.#rows) {
      if ((position < first || position >= last) && !row.contains(document.activeElement)) {
        row.remove();
        this.#rows.delete(position);
      }
    }
    for (let position = first; position < last; position += 1) {
      if (!this.#rows.has(position)) this.#add(position);
    }
  }

  #add(position) {
    const row = this.#template.content.firstElementChild.cloneNode(true);
    row.style.transform = `translateY(${position * ROW}px)`;
    row.setAttribute("aria-posinset", position + 1);
    row.setAttribute("aria-setsize", this.#count);
    this.#fill(row, position);
    // In the order of the list, so that Tab and a screen reader go down it.
    let next = null;
    for (const [other, element] of this.#rows) {
      if (other > position && (next === null || other < next[0])) next = [other, element];
    }
    this.#place.insertBefore(row, next ? next[1] : null);
    this.#rows.set(position, row);
  }
}
