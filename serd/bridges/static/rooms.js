// Rooms: what has been heard of each serd, from the bridge's server-sent events. Nothing here knows the page.

import { coloursOf } from "./labels.js";

/** A room of which nothing came for so long is stale; its status comes every 5 s. */
const STALE_MS = 11000;
/** The bridge tells of itself every 5 s; a connection on which nothing comes is made anew. */
const SILENT_MS = 16000;
const AGAIN_MS = 2000;
const KINDS = ["frame", "segment", "status"];

class Room {
  constructor(source) {
    this.source = source;
    this.session = "";
    this.status = null;
    this.frame = null;
    /** Frames of the last minutes; `time` is in seconds of this browser's clock. */
    this.frames = [];
    this.heard = 0;
    this.colours = {};
    /** Whether something has come since the page looked. */
    this.isNew = true;
  }

  take(kind, data, time, keptSince) {
    this.session = data.session;
    this.heard = time;
    this.isNew = true;
    if (kind === "status") {
      this.status = data;
      this.colours = coloursOf(data.labels);
    } else if (kind === "frame") {
      this.frame = { ...data, time };
      this.frames.push(this.frame);
      const old = this.frames.findIndex((frame) => frame.time >= keptSince);
      if (old > 0) this.frames.splice(0, old);
      if (data.probabilities && !this.status) this.colours = coloursOf(Object.keys(data.probabilities));
    }
  }

  /** Seconds since something came. */
  get age() {
    return Math.max(0, Date.now() / 1000 - this.heard);
  }

  get isStale() {
    return this.age * 1000 > STALE_MS;
  }

  /** The newest frame, unless it is from before the microphone was closed or lost. */
  get now() {
    const recent = this.frame && Date.now() / 1000 - this.frame.time < 2 + 2 * (this.status?.stride_s ?? 0.25);
    return recent ? this.frame : null;
  }
}

/** Connected for as long as the page is open; `heard(kind, room, data, isOld)` and `changed(state)` tell what happens. */
export class Rooms {
  constructor(heard, changed) {
    this.all = new Map();
    this.hello = null;
    this.health = null;
    this._heard = heard;
    this._changed = changed;
    this._run = "";
    this._number = 0;
    this._offset = 0;
    this._connect();
    setInterval(() => this._look(), 1000);
  }

  _connect() {
    this._source?.close();
    this._last = Date.now();
    const source = (this._source = new EventSource("events"));
    source.addEventListener("hello", (event) => this._greet(JSON.parse(event.data)));
    source.addEventListener("health", (event) => {
      this._last = Date.now();
      this.health = JSON.parse(event.data);
    });
    for (const kind of KINDS) source.addEventListener(kind, (event) => this._take(kind, event));
    source.addEventListener("error", () => this._changed("lost"));
  }

  /** The browser connects again after a loss, but not after a refusal, nor to a bridge that has fallen silent. */
  _look() {
    const silence = Date.now() - this._last;
    if (this._source.readyState === EventSource.CLOSED ? silence > AGAIN_MS : silence > SILENT_MS) {
      this._changed("lost");
      this._connect();
    }
  }

  _greet(hello) {
    this._last = Date.now();
    if (hello.run !== this._run) {
      this._run = hello.run;
      this._number = 0;
    }
    this.hello = hello;
    this._offset = Date.now() - hello.now;
    this._changed("connected");
  }

  _take(kind, event) {
    this._last = Date.now();
    const number = Number(event.lastEventId.split("-")[1]);
    if (number <= this._number) return;
    this._number = number;
    const data = JSON.parse(event.data);
    const time = (data.at + this._offset) / 1000;
    if (!this.all.has(data.source)) this.all.set(data.source, new Room(data.source));
    const room = this.all.get(data.source);
    room.take(kind, data, time, Date.now() / 1000 - this.hello.history_s);
    this._heard(kind, room, data, data.at < this.hello.now);
  }
}
