// Calls to the API. A refusal is thrown as {message, hint}, in the words of the server.
export async function send(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      keepalive: method !== "GET", // arrives although the page is left
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw { message: "cratewise does not answer.", hint: "Is it still running in the terminal? Start it again, then repeat this." };
  }
  const answer = await response.json();
  if (!response.ok) throw answer.error;
  return answer;
}
