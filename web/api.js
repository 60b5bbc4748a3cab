/** The API's own word for what went wrong: `unauthorized`, `validation_failed`, …; `offline` where nothing answered. */
export class ApiError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** Calls the API with the token of a link; answers the JSON, or null for an empty answer. @throws {ApiError} */
export async function call(token, method, path, body) {
  let response;
  let text;
  try {
    response = await fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch {
    // The browser does not say why: no network, or a server that is away.
    throw new ApiError('offline');
  }
  if (response.ok) return text === '' ? null : JSON.parse(text);
  throw new ApiError(codeOf(response, text));
}

function codeOf(response, text) {
  const isProblem = response.headers.get('content-type') === 'application/problem+json';
  if (isProblem) return JSON.parse(text).code;
  return 'offline'; // something between us and the server answered
}

/** The token in the page's own address. One in the query moves to the fragment, where no server sees it. */
export function takeToken() {
  const inQuery = new URLSearchParams(location.search).get('token');
  if (inQuery) history.replaceState(null, '', `${location.pathname}#${inQuery}`);
  return location.hash.replace(/^#(token=)?/, '');
}
