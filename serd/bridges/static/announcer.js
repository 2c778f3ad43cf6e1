// The announcer: tells a screen reader, politely and at most every few seconds, what has become of the rooms.

const EVERY_MS = 5000;

export class Announcer {
  constructor(root) {
    this._root = root;
    this._texts = new Map();
    setInterval(() => this._tell(), EVERY_MS);
  }

  /** Of what is said about one thing between two announcements, the last counts. */
  say(what, text) {
    this._texts.set(what, text);
  }

  _tell() {
    if (!this._texts.size) return;
    this._root.textContent = [...this._texts.values()].join(". ");
    this._texts.clear();
  }
}
