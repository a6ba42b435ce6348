import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One question as it came over the wire. */
export interface HeardQuestion {
  method: string;
  /** With its query, undecoded. */
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** A plain HTTP server on loopback that writes down what it is asked and answers as the test says. */
export interface ApiServer {
  url: string;
  heard: HeardQuestion[];
  /** The next answers, in their order; after them 200 `{}`. */
  answers: ((response: ServerResponse) => void)[];
  /** Resolves when the next question has come in whole. */
  nextQuestion(): Promise<void>;
  close(): Promise<void>;
}

export async function startApiServer(): Promise<ApiServer> {
  let waiting: (() => void)[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      server.heard.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() });
      for (const tell of waiting) tell();
      waiting = [];
      const answer = server.answers.shift();
      if (answer === undefined) response.end("{}");
      else answer(response);
    });
  };
  const http = createServer(listener);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const server: ApiServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    heard: [],
    answers: [],
    nextQuestion: () => new Promise((resolve) => waiting.push(resolve)),
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}

/** @returns an answer for `ApiServer.answers` */
export function json(status: number, body: unknown, headers: Record<string, string> = {}) {
  return (response: ServerResponse): void => {
    response
      .writeHead(status, { "content-type": "application/json", ...headers })
      .end(typeof body === "string" ? body : JSON.stringify(body));
  };
}
