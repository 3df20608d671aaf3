// Names on the plane: each group is named where it is densest, as close as one is. It knows nothing of songs.
const CELL_PX = 80; // about the side of the cells in which points are counted
const FEWEST = 3; // points that are worth a name
const SIZE_PX = 13;
const HALO_PX = 4;
const GAP_PX = 8;
const SAME_APART_PX = 300; // between two places of one name
const ROOM_PX = 24_000; // of the canvas, for each name
const LONGEST = 24; // letters

export class Labels {
  #points;
  #names; // group -> name
  #style; // {font, ink, ground}
  #widths = new Map();
  #places = new Map(); // side of a cell -> where each group is dense

  constructor(points, names, { family, ink, ground }) {
    this.#points = points;
    this.#names = new Map([...names].map(([group, name]) => [group, name.length > LONGEST ? `${name.slice(0, LONGEST - 1).trimEnd()}…` : name]));
    this.#style = { font: `650 ${SIZE_PX}px ${family}`, ink, ground };
  }

  // Writes the names of what is in view, those of the most points first, none over another or over what is `taken`, and
  // gives the boxes they fill. `place` turns units into pixels.
  draw(context, { width, height, scale, place, hidden, taken }) {
    context.font = this.#style.font;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = HALO_PX;
    context.strokeStyle = this.#style.ground;
    context.fillStyle = this.#style.ink;
    const most = Math.max(3, Math.floor((width * height) / ROOM_PX));
    const boxes = [];
    for (const dense of this.#dense(scale)) {
      if (boxes.length === most) break;
      const name = this.#names.get(dense.group);
      const at = place(dense);
      if (!name || hidden.has(dense.group) || at.x < 0 || at.y < 0 || at.x > width || at.y > height) continue;
      const half = this.#width(context, name) / 2 + HALO_PX;
      const x = Math.max(half + GAP_PX, Math.min(width - half - GAP_PX, at.x));
      const y = Math.max(SIZE_PX + GAP_PX, Math.min(height - SIZE_PX - GAP_PX, at.y));
      const box = { name, left: x - half, top: y - SIZE_PX, right: x + half, bottom: y + SIZE_PX };
      const isFree = [...boxes, ...taken].every((other) => isApart(box, other))
        && boxes.every((other) => other.name !== name || Math.hypot((other.left + other.right) / 2 - x, (other.top + other.bottom) / 2 - y) > SAME_APART_PX);
      if (!isFree) continue;
      boxes.push(box);
      context.strokeText(name, x, y);
      context.fillText(name, x, y);
    }
    return boxes;
  }

  #width(context, name) {
    if (!this.#widths.has(name)) this.#widths.set(name, context.measureText(name).width);
    return this.#widths.get(name);
  }

  // Where each group has most points, the most first. The cells grow and shrink by halves with the scale, so that a name
  // stays where it is while one moves, and goes on to the next dense place when one comes closer.
  #dense(scale) {
    const side = 2 ** Math.round(Math.log2(CELL_PX / scale));
    if (!this.#places.has(side)) this.#places.set(side, [...this.#countIn(side)].sort((a, b) => b.many - a.many));
    return this.#places.get(side);
  }

  *#countIn(side) {
    const groups = new Map();
    for (const { x, y, group } of this.#points) {
      if (!groups.has(group)) groups.set(group, new Map());
      const cells = groups.get(group);
      const key = Math.floor(x / side) * 65_536 + Math.floor(y / side);
      const cell = cells.get(key);
      if (cell) {
        cell.many += 1;
        cell.x += x;
        cell.y += y;
      } else {
        cells.set(key, { many: 1, x, y });
      }
    }
    for (const [group, cells] of groups) yield* peaksOf(group, cells);
  }
}

// The cells that, with those around them, hold more than any other nearby.
function* peaksOf(group, cells) {
  const around = [];
  for (const key of cells.keys()) {
    const sum = { key, many: 0, x: 0, y: 0 };
    for (const dx of [-65_536, 0, 65_536]) {
      for (const dy of [-1, 0, 1]) {
        const cell = cells.get(key + dx + dy);
        if (cell) {
          sum.many += cell.many;
          sum.x += cell.x;
          sum.y += cell.y;
        }
      }
    }
    if (sum.many >= FEWEST) around.push(sum);
  }
  around.sort((a, b) => b.many - a.many);
  const covered = new Set();
  for (const { key, many, x, y } of around) {
    if (covered.has(key)) continue;
    for (const dx of [-2, -1, 0, 1, 2]) for (const dy of [-2, -1, 0, 1, 2]) covered.add(key + dx * 65_536 + dy);
    yield { group, many, x: x / many, y: y / many };
  }
}

function isApart(one, other) {
  return one.right + GAP_PX < other.left || other.right + GAP_PX < one.left || one.bottom < other.top || other.bottom < one.top;
}
