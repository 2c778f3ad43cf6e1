// Colours of labels, those of the terminal's view: each has a contrast of 3:1 and more on white and on black.

const KNOWN = {
  neutral: "#878787", calm: "#008787", happy: "#af8700", sad: "#005fff",
  angry: "#d70000", fearful: "#875fd7", disgust: "#5f8700", surprised: "#d700af",
};

/** The colour of each of a model's labels; strangers take the next one that is free. */
export function coloursOf(labels) {
  const free = Object.keys(KNOWN).filter((name) => !labels.includes(name)).map((name) => KNOWN[name]);
  const spare = free.length ? free : Object.values(KNOWN);
  let strangers = 0;
  return Object.fromEntries(
    labels.map((name) => [name, Object.hasOwn(KNOWN, name) ? KNOWN[name] : spare[strangers++ % spare.length]]),
  );
}

export const UNCERTAIN = "#878787";

/** What a frame says, in words. */
export function stateOf(frame) {
  return frame.state === "emotion" ? frame.label : frame.state === "no-speech" ? "no speech" : "uncertain";
}

/** A share as a percentage. */
export function percent(share) {
  return share === null || share === undefined ? "" : `${Math.round(share * 100)} %`;
}
