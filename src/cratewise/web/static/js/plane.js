// Points on a canvas: what is in view, what it is called, what is near, what lies within a line. It knows nothing of songs.
import { Labels } from "./labels.js";

const NEAR_PX = 14;
const CELL = 25; // units of the map, from -1000 to 1000

export class Plane {
  #canvas;
  #context;
  #points = []; // {x, y, group}
  #groups = new Map(); // group -> colour
  #hidden = new Set();
  #cells = new Map();
  #chosen = new Set();
  #line = [];
  #labels = null;
  #taken = () => [];
  #scale = 1; // pixels of a unit
  #middle = { x: 0, y: 0 };
  #asked = false;
  #fitted = false;

  // `taken` gives the boxes of the canvas that something else lies on, where nothing is written.
  constructor(canvas, taken) {
    this.#canvas = canvas;
    this.#taken = taken;
    this.#context = canvas.getContext("2d");
    new ResizeObserver(() => this.#resize()).observe(canvas);
  }

  // Shows points, each of a group, whose colours and names are given.
  show(points, colours, names) {
    this.#points = points;
    this.#groups = colours;
    const { fontFamily: family, color: ink } = getComputedStyle(this.#canvas);
    const ground = getComputedStyle(this.#canvas.parentElement).backgroundColor;
    this.#labels = new Labels(points, names, { family, ink, ground });
    this.#cells = new Map();
    points.forEach((point, at) => {
      const key = `${Math.floor(point.x / CELL)}:${Math.floor(point.y / CELL)}`;
      if (!this.#cells.has(key)) this.#cells.set(key, []);
      this.#cells.get(key).push(at);
    });
    if (!this.#fitted) this.showAll();
    this.draw();
  }

  // Shows all groups but these.
  hide(groups) {
    this.#hidden = groups;
    this.draw();
  }

  choose(places) {
    this.#chosen = places;
    this.draw();
  }

  // A line that is being drawn, in pixels.
  outline(line) {
    this.#line = line;
    this.draw();
  }

  move(dx, dy) {
    this.#middle.x -= dx / this.#scale;
    this.#middle.y -= dy / this.#scale;
    this.#middle.x = Math.max(-1000, Math.min(1000, this.#middle.x));
    this.#middle.y = Math.max(-1000, Math.min(1000, this.#middle.y));
    this.draw();
  }

  // Closer (or further away) about a point in pixels; what is there stays there, and all the way out is the whole map.
  zoom(factor, x = this.#canvas.clientWidth / 2, y = this.#canvas.clientHeight / 2) {
    const before = this.#unit(x, y);
    const least = Math.min(this.#canvas.clientWidth, this.#canvas.clientHeight) / 2600;
    this.#scale = Math.max(least, Math.min(12, this.#scale * factor));
    const after = this.#unit(x, y);
    if (this.#scale === least) this.#middle = { x: 0, y: 0 };
    else this.#middle = { x: this.#middle.x + before.x - after.x, y: this.#middle.y + before.y - after.y };
    this.draw();
  }

  // The point nearest to a place in pixels, or -1.
  near(x, y) {
    const { x: ux, y: uy } = this.#unit(x, y);
    const reach = NEAR_PX / this.#scale;
    let [best, closest] = [-1, reach * reach];
    for (let cx = Math.floor((ux - reach) / CELL); cx <= (ux + reach) / CELL; cx += 1) {
      for (let cy = Math.floor((uy - reach) / CELL); cy <= (uy + reach) / CELL; cy += 1) {
        for (const at of this.#cells.get(`${cx}:${cy}`) ?? []) {
          const point = this.#points[at];
          const distance = (point.x - ux) ** 2 + (point.y - uy) ** 2;
          if (distance < closest && !this.#hidden.has(point.group)) [best, closest] = [at, distance];
        }
      }
    }
    return best;
  }

  // The points within a line of pixels, as it is closed.
  within(line) {
    const corners = line.map(({ x, y }) => this.#unit(x, y));
    const [left, right] = [Math.min(...corners.map(({ x }) => x)), Math.max(...corners.map(({ x }) => x))];
    const [top, bottom] = [Math.min(...corners.map(({ y }) => y)), Math.max(...corners.map(({ y }) => y))];
    const found = new Set();
    this.#points.forEach(({ x, y, group }, at) => {
      if (x < left || x > right || y < top || y > bottom || this.#hidden.has(group)) return;
      let inside = false;
      for (let one = 0, other = corners.length - 1; one < corners.length; other = one, one += 1) {
        const [a, b] = [corners[one], corners[other]];
        if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
      }
      if (inside) found.add(at);
    });
    return found;
  }

  draw() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#paint();
    });
  }

  #paint() {
    const began = performance.now();
    const [context, { clientWidth: width, clientHeight: height }] = [this.#context, this.#canvas];
    context.clearRect(0, 0, width, height);
    const few = 9 - 1.5 * Math.log10(Math.max(10, this.#points.length)); // the fewer, the larger
    const size = Math.max(2, Math.min(11, few + Math.log2(Math.max(1, this.#scale * 2))));
    const lit = this.#chosen.size > 0;
    const byGroup = new Map();
    this.#points.forEach((point, at) => {
      if (this.#hidden.has(point.group)) return;
      const x = (point.x - this.#middle.x) * this.#scale + width / 2;
      const y = (point.y - this.#middle.y) * this.#scale + height / 2;
      if (x < -size || y < -size || x > width + size || y > height + size) return;
      const key = lit && !this.#chosen.has(at) ? "dim" : point.group;
      if (!byGroup.has(key)) byGroup.set(key, []);
      byGroup.get(key).push(x, y);
    });
    for (const [group, places] of byGroup) {
      context.globalAlpha = group === "dim" ? 0.22 : 0.85;
      context.fillStyle = this.#groups.get(group) ?? this.#groups.get("");
      context.beginPath();
      for (let at = 0; at < places.length; at += 2) {
        if (size > 3.5) {
          context.moveTo(places[at] + size / 2, places[at + 1]);
          context.arc(places[at], places[at + 1], size / 2, 0, 2 * Math.PI);
        } else {
          context.rect(places[at] - size / 2, places[at + 1] - size / 2, size, size);
        }
      }
      context.fill();
    }
    context.globalAlpha = 1;
    const place = ({ x, y }) => ({ x: (x - this.#middle.x) * this.#scale + width / 2, y: (y - this.#middle.y) * this.#scale + height / 2 });
    const view = { width, height, scale: this.#scale, place, hidden: this.#hidden, taken: this.#taken() };
    this.#canvas.dataset.names = JSON.stringify(this.#labels?.draw(context, view) ?? []);
    if (this.#line.length > 1) {
      context.strokeStyle = getComputedStyle(this.#canvas).color;
      context.lineWidth = 2;
      context.setLineDash([6, 5]);
      context.beginPath();
      for (const { x, y } of this.#line) context.lineTo(x, y);
      context.closePath();
      context.stroke();
      context.setLineDash([]);
    }
    this.#canvas.dataset.paintedMs = (performance.now() - began).toFixed(1);
  }

  // Shows all points, but for the outermost few.
  showAll() {
    if (!this.#points.length) return;
    const edges = (values) => {
      const sorted = values.sort((a, b) => a - b);
      return [sorted[Math.floor(sorted.length * 0.005)], sorted[Math.floor(sorted.length * 0.995)]];
    };
    const [left, right] = edges(this.#points.map(({ x }) => x));
    const [top, bottom] = edges(this.#points.map(({ y }) => y));
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const margin = 1.12;
    this.#middle = { x: (left + right) / 2, y: (top + bottom) / 2 };
    this.#scale = Math.min(width / Math.max(1, right - left), height / Math.max(1, bottom - top), 12) / margin;
    this.#fitted = true;
    this.draw();
  }

  #unit(x, y) {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    return { x: (x - width / 2) / this.#scale + this.#middle.x, y: (y - height / 2) / this.#scale + this.#middle.y };
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    this.#canvas.width = width * devicePixelRatio;
    this.#canvas.height = height * devicePixelRatio;
    this.#context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    this.draw();
  }
}
