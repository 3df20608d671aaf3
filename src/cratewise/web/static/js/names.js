// Names in the middle of a sentence: one that is written from right to left must not turn what stands around it.
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;
const FROM_THE_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

export const isolated = (name) => (FROM_THE_RIGHT.test(name) ? `\u2068${name}\u2069` : name);

// What the server says, without letters that are not seen and turn others round: a text reads as it is written.
export const unturned = (text) => text.replace(TURNING, "");

// A title that can be seen; there are letters that look like nothing.
export const titled = (title) => (/[^\s\p{C}\p{Z}\u115f\u1160\u2800\u3164\uffa0]/u.test(title) ? title : "Untitled");
