// The strip: the last minutes of a room, drawn by uPlot, to be read by pointer, keyboard and screen reader.

/* global uPlot */
import { UNCERTAIN, percent, stateOf } from "./labels.js";

const HEIGHT = 150;
const BAND = 14;
/** Frames further apart than so many seconds have a hole between them. */
const HOLE_S = 1.6;
/** How far from the pointer a frame may be that is told of. */
const NEAR_S = 4;
const SUMMARY_MS = 10000;

export class Strip {
  constructor(room, root, seconds) {
    this._room = room;
    this._seconds = seconds;
    this._root = root.querySelector(".strip");
    this._summary = root.querySelector(".summary");
    this._legend = root.querySelector(".legend");
    this._root.setAttribute("aria-label", `${room.source}, moment of the last ${Math.round(seconds / 60)} minutes`);
    this._tip = document.createElement("div");
    this._tip.className = "tip";
    this._tip.hidden = true;
    this._frames = [];
    this._chosen = null;
    this._summed = 0;
    this._root.addEventListener("keydown", (event) => this._key(event));
    this._root.addEventListener("blur", () => this._hide());
    new ResizeObserver(() => this._plot?.setSize(this._size())).observe(this._root);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this._build());
    this._build();
  }

  /** Show what has come. */
  draw() {
    const end = Date.now() / 1000;
    const columns = [[], [], []];
    this._frames = [];
    let last = null;
    for (const frame of this._room.frames) {
      if (frame.time < end - this._seconds) continue;
      if (last && frame.time - last.time > HOLE_S) this._add(columns, (last.time + frame.time) / 2, null);
      this._add(columns, frame.time, frame);
      last = frame;
    }
    this._plot.batch(() => {
      this._plot.setData(columns, false);
      this._plot.setScale("x", { min: end - this._seconds, max: end });
    });
    if (this._chosen) this._point();
    if (Date.now() - this._summed > SUMMARY_MS || (!this._summed && last)) this._sum();
  }

  _add(columns, time, frame) {
    this._frames.push(frame);
    columns[0].push(time);
    columns[1].push(frame?.confidence ?? null);
    columns[2].push(frame?.activation?.value ?? null);
  }

  _size() {
    return { width: Math.max(200, this._root.clientWidth), height: HEIGHT };
  }

  _build() {
    this._plot?.destroy();
    const style = getComputedStyle(this._root);
    const [ink, grid] = [style.getPropertyValue("--ink"), style.getPropertyValue("--line")];
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: "12px system-ui" };
    const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
    this._plot = new uPlot(
      {
        ...this._size(),
        padding: [8, 34, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
        scales: { x: { time: true, auto: false }, y: { auto: false, range: [0, 1] } },
        axes: [
          { ...axis, size: 26, values: (_, times) => times.map((time) => clock.format(time * 1000)), space: 80, incrs: [60, 120, 300] },
          { ...axis, size: 46, values: (_, shares) => shares.map(percent), incrs: [0.5] },
        ],
        series: [
          {},
          { stroke: ink, width: 2, points: { show: false } },
          { stroke: ink, width: 1.5, dash: [3, 3], points: { show: false } },
        ],
        hooks: { drawClear: [(plot) => this._bands(plot)], setCursor: [(plot) => this._tell(plot)] },
      },
      [[], [], []],
      this._root,
    );
    this._plot.over.append(this._tip);
  }

  /** A stretch of one state is a coloured ground, with a band of the full colour at its foot. */
  _bands(plot) {
    const { ctx, bbox } = plot;
    const { devicePixelRatio: zoom } = window;
    const times = plot.data[0];
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (let i = 0; i < this._frames.length; ) {
      const colour = this._colour(this._frames[i]);
      let next = i + 1;
      while (next < this._frames.length && this._colour(this._frames[next]) === colour) next++;
      if (colour) {
        const left = plot.valToPos(times[i], "x", true);
        const right = plot.valToPos(times[next] ?? times[next - 1] + 0.25, "x", true);
        ctx.fillStyle = colour;
        ctx.globalAlpha = 0.22;
        ctx.fillRect(left, bbox.top, right - left, bbox.height);
        ctx.globalAlpha = 1;
        ctx.fillRect(left, bbox.top + bbox.height - BAND * zoom, right - left, BAND * zoom);
      }
      i = next;
    }
    ctx.restore();
  }

  _colour(frame) {
    if (!frame || frame.state === "no-speech") return null;
    return frame.state === "emotion" ? this._room.colours[frame.label] : UNCERTAIN;
  }

  _tell(plot) {
    const frame = this._frames[plot.cursor.idx ?? -1];
    if (!frame || plot.cursor.left < 0 || Math.abs(plot.posToVal(plot.cursor.left, "x") - frame.time) > NEAR_S) {
      this._tip.hidden = true;
      return;
    }
    this._tip.replaceChildren(
      ...describe(frame).map((line) => Object.assign(document.createElement("div"), { textContent: line })),
    );
    this._tip.hidden = false;
    const most = plot.over.clientWidth - this._tip.offsetWidth;
    this._tip.style.left = `${Math.max(0, Math.min(plot.cursor.left + 12, most))}px`;
  }

  _key(event) {
    const frames = this._frames.filter(Boolean);
    const at = this._chosen ? frames.findIndex((frame) => frame.time >= this._chosen.time) : frames.length - 1;
    const to = { ArrowLeft: at - 4, ArrowRight: at + 4, ArrowDown: at - 4, ArrowUp: at + 4, PageDown: at - 40, PageUp: at + 40, Home: 0, End: frames.length - 1 }[event.key];
    if (event.key === "Escape") this._hide();
    if (to === undefined || !frames.length) return;
    event.preventDefault();
    this._chosen = frames[Math.max(0, Math.min(to, frames.length - 1))];
    this._root.setAttribute("aria-valuemin", String(-Math.round(this._seconds)));
    this._root.setAttribute("aria-valuenow", String(-Math.round(Date.now() / 1000 - this._chosen.time)));
    this._root.setAttribute("aria-valuetext", describe(this._chosen).join(", "));
    this._point();
  }

  _point() {
    this._plot.setCursor({ left: this._plot.valToPos(this._chosen.time, "x"), top: 10 });
  }

  _hide() {
    this._chosen = null;
    this._plot.setCursor({ left: -10, top: -10 });
  }

  /** The strip in words, and what its colours mean. */
  _sum() {
    this._summed = Date.now();
    const counts = new Map();
    const frames = this._frames.filter(Boolean);
    for (const frame of frames) counts.set(stateOf(frame), (counts.get(stateOf(frame)) ?? 0) + 1);
    const sorted = [...counts].sort((a, b) => b[1] - a[1]);
    this._summary.textContent = sorted.map(([name, n]) => `${name} ${percent(n / frames.length)}`).join(", ");
    const lines = frames.some((frame) => frame.activation) ? "line: confidence; dotted: activation" : "line: confidence";
    const keys = sorted.filter(([name]) => name !== "no speech").map(([name]) => {
      const key = document.createElement("span");
      key.className = "key";
      key.textContent = name;
      key.style.setProperty("--colour", this._room.colours[name] ?? UNCERTAIN);
      return key;
    });
    this._legend.replaceChildren(...keys, Object.assign(document.createElement("span"), { textContent: lines }));
  }
}

/** A frame in words. */
function describe(frame) {
  const lines = [new Date(frame.time * 1000).toLocaleTimeString()];
  lines.push([stateOf(frame), percent(frame.confidence)].filter(Boolean).join(" "));
  if (frame.activation) lines.push(`activation ${percent(frame.activation.value)}`);
  lines.push(`level ${Math.round(frame.level)} dB`);
  return lines;
}
