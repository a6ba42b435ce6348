import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isObject, parseJson, type JsonObject } from "../../core/json.ts";
import type { ApiRequest } from "./api.ts";
import { fail, send, type StoreFailure } from "./faults.ts";
import type { Answer, StoreVendor } from "./vendor.ts";

/** A request that the API has taken. */
export interface RequestRecord {
  method: string;
  /** With its query. */
  path: string;
  /** Null where there was none, or no JSON object. */
  body: JsonObject | null;
}

/** The simulated API's transport: a server on loopback that remembers what was asked, and fails when told to. */
export interface Door {
  /** @param port 0 takes a free one. @returns the `api.url` of its store's settings, such as `http://127.0.0.1:4321` */
  listen(port?: number): Promise<string>;
  /** @throws Error before it has listened */
  url(): string;
  /** Requests fail like this from now on, or so many `times`; null: all is well again. */
  setFailing(failure: StoreFailure | null, times?: number): void;
  /** What was asked so far, whatever became of it. */
  requests(): readonly RequestRecord[];
  requestCount(): number;
  /** Resolves when the next request has come in. */
  nextRequest(): Promise<void>;
  close(): Promise<void>;
}

export function createDoor(vendor: StoreVendor, answerTo: (request: ApiRequest) => Answer): Door {
  const requests: RequestRecord[] = [];
  let failing: { failure: StoreFailure; left: number } | null = null;
  let waiting: (() => void)[] = [];

  const server = createServer((request, response) => void take(request, response));
  const url = (): string => {
    const bound = server.address() as AddressInfo | null;
    if (bound === null) throw new Error("the simulator does not listen: await listen() first");
    return `http://127.0.0.1:${bound.port}`;
  };

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const { method = "", url: path = "", headers } = request;
    requests.push({ method, path, body });
    for (const tell of waiting) tell();
    waiting = [];
    const failure = nextFailure();
    if (failure !== null && failure !== "lost_answer") {
      fail(failure, response, vendor);
      return;
    }
    const answer = answerTo({ method, path, headers, body: body ?? {} });
    if (failure === null) send(response, answer);
    else fail(failure, response, vendor);
  }

  function nextFailure(): StoreFailure | null {
    if (failing === null || failing.left === 0) return null;
    failing.left--;
    return failing.failure;
  }

  return {
    listen: (port = 0) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", () => resolve(url()));
      }),
    url,
    setFailing(failure, times = Infinity) {
      failing = failure === null ? null : { failure, left: times };
    },
    requests: () => requests,
    requestCount: () => requests.length,
    nextRequest: () => new Promise((resolve) => waiting.push(resolve)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<JsonObject | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const root = parseJson(Buffer.concat(chunks).toString());
    return isObject(root) ? root : null;
  } catch {
    return null;
  }
}
