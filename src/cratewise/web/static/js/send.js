// Calls to the API. A refusal is thrown as {message, hint, isRefused}, in the words of the server.
import { unturned } from "./names.js";

const LONGEST_KEPT = 30_000; // characters; browsers refuse to keep more than 64 KB going

// A body that is a file is sent as it is, any other as JSON.
export async function send(method, path, body) {
  const isFile = body instanceof Blob;
  const text = body === undefined || isFile ? undefined : JSON.stringify(body);
  let response;
  try {
    response = await fetch(path, {
      method,
      keepalive: method !== "GET" && !isFile && (text ?? "").length < LONGEST_KEPT, // arrives although the page is left
      headers: text === undefined ? {} : { "Content-Type": "application/json" },
      body: isFile ? body : text,
    });
  } catch {
    throw { message: "cratewise does not answer.", hint: "Is it still running in the terminal? Start it again, then repeat this." };
  }
  const said = await response.text();
  if (response.status === 413) { // in the words of the server, or of a proxy, which has its own
    throw { message: "That is more than cratewise takes.", hint: "A file is imported up to 200 MB, 100 as CSV.", isRefused: true };
  }
  if (!response.headers.get("Content-Type")?.startsWith("application/json")) { // of a proxy, while cratewise is away
    throw { message: "cratewise does not answer.", hint: `What stands before it says ${response.status}. Try again in a moment.` };
  }
  const answer = JSON.parse(unturned(said));
  if (!response.ok) throw { ...answer.error, isRefused: true };
  return answer;
}
