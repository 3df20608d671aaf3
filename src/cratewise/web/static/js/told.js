// What a job has to tell once it is done, on whichever page comes then: the first sentence, and what is to be noted.
import { toast } from "./toast.js";

const KEY = "cratewise-told";

export const keepToTell = (sentences) => sessionStorage.setItem(KEY, JSON.stringify(sentences));

export function tell() {
  const kept = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (!kept) return;
  const [message, ...notes] = JSON.parse(kept);
  toast({ message, hint: notes.join(" "), good: true, action: { name: "Dismiss", stays: true } });
}
