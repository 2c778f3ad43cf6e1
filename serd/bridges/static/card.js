// A card: one room on the page.

import { UNCERTAIN, percent, stateOf } from "./labels.js";
import { Strip } from "./strip.js";

/** States of a daemon in which its microphone does not hear, and what is said instead of an emotion. */
const DEAF = { waiting: "waiting", stalled: "stalled", lost: "device lost", muted: "muted", failed: "failed", stopped: "stopped" };
/** The range of the level's bar, in dB of full scale. */
const QUIETEST = -80;

export class Card {
  constructor(room, seconds, template, ask) {
    this.room = room;
    this.root = template.content.firstElementChild.cloneNode(true);
    this._find = (selector) => this.root.querySelector(selector);
    const title = this._find("h2");
    title.textContent = room.source;
    title.id = `room-${room.source}`;
    this.root.setAttribute("aria-labelledby", title.id);
    this.root.dataset.source = room.source;
    this._bars = new Map();
    this._mute = this._find(".mute");
    this._mute.addEventListener("click", () => ask(room, this._mute.dataset.word, (text) => this.complain(text)));
    [this._level, this._speech] = this.root.querySelectorAll(".level .bar");
    this._strip = null;
    this._seconds = seconds;
  }

  /** To be called when it is on the page. */
  begin() {
    this._strip = new Strip(this.room, this.root, this._seconds);
  }

  /** Show a fault, or none. */
  complain(text) {
    const fault = this._find(".fault");
    fault.textContent = text;
    fault.hidden = !text;
  }

  draw() {
    this._strip.draw();
  }

  update(offers) {
    const { room } = this;
    const view = this.view();
    this.root.dataset.stale = String(room.isStale);
    this.root.style.setProperty("--label", view.colour);
    this._text(".state", view.text);
    this._text(".confidence", view.detail);
    this._text(".device", this._device());
    this._showShares(view.frame);
    this._showMute(offers);
    this._showHealth();
  }

  /** What the room says in a word, and how sure it is. */
  view() {
    const { room } = this;
    const state = room.status?.state;
    const grey = "var(--line)";
    if (room.isStale) {
      const text = state === "stopped" ? "stopped" : "no news";
      return { text, detail: `for ${span(room.age)}`, colour: grey, frame: null };
    }
    if (state in DEAF) return { text: DEAF[state], detail: room.status.reason, colour: grey, frame: null };
    const frame = room.now;
    if (!frame) return { text: "…", detail: "nothing judged yet", colour: grey, frame: null };
    if (frame.state === "emotion") {
      return { text: frame.label, detail: percent(frame.confidence), colour: room.colours[frame.label], frame };
    }
    if (frame.state === "no-speech") return { text: "no speech", detail: frame.reason, colour: grey, frame };
    return { text: stateOf(frame), detail: `${frame.reason} ${percent(frame.confidence)}`, colour: UNCERTAIN, frame };
  }

  _device() {
    const { status } = this.room;
    if (!status) return "";
    return [status.state, status.device, status.synthetic ? "demonstration" : ""].filter(Boolean).join(" · ");
  }

  _showShares(frame) {
    const list = this._find(".probabilities");
    const labels = this.room.status?.labels ?? Object.keys(frame?.probabilities ?? {});
    for (const label of labels) {
      if (!this._bars.has(label)) this._bars.set(label, list.appendChild(bar(label, this.room.colours[label])));
      fill(this._bars.get(label), frame?.probabilities?.[label] ?? null);
    }
    for (const label of [...this._bars.keys()].filter((label) => !labels.includes(label))) {
      this._bars.get(label).remove();
      this._bars.delete(label);
    }
    const part = this._find(".activation");
    part.hidden = !this.room.frames.some((one) => one.activation);
    const { value, confidence } = frame?.activation ?? { value: null, confidence: null };
    part.querySelector(".name").textContent = value === null ? "" : value >= 0.5 ? "high" : "low";
    fill(part.querySelector(".bar"), value, value === null ? "" : `${percent(value)}, sure ${percent(confidence)}`);
    const level = frame ? Math.max(0, 1 - frame.level / QUIETEST) : null;
    fill(this._level, level, frame ? `${Math.round(frame.level)} dB${frame.input === "ok" ? "" : `, ${frame.input}`}` : "");
    fill(this._speech, frame?.speech ?? null);
  }

  _showMute(offers) {
    const word = this.room.status?.state === "muted" ? "unmute" : "mute";
    this._mute.hidden = !offers?.[word] || this.room.isStale || this.room.status?.state === "stopped";
    if (this._mute.dataset.word === word) return;
    this._mute.dataset.word = word;
    this._mute.textContent = word === "mute" ? "Mute" : "Unmute";
    this._mute.setAttribute("aria-label", `${this._mute.textContent} ${this.room.source}`);
  }

  _showHealth() {
    const { status, frame, age } = this.room;
    if (!status || !this._find("details").open) return;
    const rows = {
      State: `${status.state}: ${status.reason}`,
      Device: status.device,
      Model: status.model,
      "Last event": `${span(age)} ago`,
      Latency: frame ? `${frame.latency_ms} ms` : "",
      Processor: percent(status.cpu),
      "Real time": percent(status.realtime_ratio),
      Running: span(status.uptime_s),
      Overflows: status.overflows,
      Gaps: status.gaps,
      "Strides skipped": status.skipped,
      "Events dropped": status.dropped,
      Version: status.version,
    };
    const parts = Object.entries(rows).flatMap(([name, value]) => [element("dt", name), element("dd", value === "" || value === null || value === undefined ? "–" : String(value))]);
    this._find("dl").replaceChildren(...parts);
  }

  _text(selector, text) {
    const found = this._find(selector);
    if (found.textContent !== text) found.textContent = text;
  }
}

function element(name, text) {
  return Object.assign(document.createElement(name), { textContent: text });
}

function bar(name, colour) {
  const made = document.createElement("li");
  made.className = "bar";
  const track = Object.assign(document.createElement("span"), { className: "track" });
  track.append(Object.assign(document.createElement("span"), { className: "fill" }));
  made.append(Object.assign(element("span", name), { className: "name" }), track, Object.assign(element("span", ""), { className: "value" }));
  made.style.setProperty("--colour", colour);
  return made;
}

function fill(shown, share, text = percent(share)) {
  shown.style.setProperty("--share", String(share ?? 0));
  const value = shown.querySelector(".value");
  if (value.textContent !== text) value.textContent = text;
}

/** Seconds in words. */
export function span(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
