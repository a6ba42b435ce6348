import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Clock } from "../core/time.ts";
import type { HttpDeps } from "./deps.ts";
import { DEFAULT_LIMITS, type HttpLimits } from "./limits.ts";
import { answerError } from "./answer.ts";
import { HttpProblem, PROBLEM_CONTENT_TYPE, problemOf } from "./problem.ts";
import { createConnections } from "./connections.ts";
import { createFailureLimiter, type FailureLimiter } from "./failure-limiter.ts";
import { createOperatorLog, type OperatorLog } from "./operator-log.ts";
import { publicPath, withoutPublicPath } from "./public-path.ts";
import { createWebhookRoutes } from "./webhook-routes.ts";

export type { HttpDeps } from "./deps.ts";
export type { HttpLimits } from "./limits.ts";

/** The relay's HTTP side: webhooks and callbacks in, API and dashboard for operators. */
export interface HttpServer {
  /**
   * @param port 0 takes a free one
   * @returns where it listens, such as `http://127.0.0.1:8080`
   * @throws what node's `listen` fails with (`code` EADDRINUSE, EACCES)
   */
  listen(host: string, port: number): Promise<string>;
  /**
   * Takes no more connections, lets running requests finish for `graceMs`, then cuts them.
   * @returns whether all finished in time
   */
  close(graceMs: number): Promise<boolean>;
  /** For tests that need no socket of their own. */
  handler: RequestListener;
}

/** How often node looks for connections past `headersMs` or `requestMs`. */
const OVERDUE_CHECK_MS = 1000;

export function createHttpServer(deps: HttpDeps): HttpServer {
  const limits: HttpLimits = { ...DEFAULT_LIMITS, ...deps.limits };
  const closing = new AbortController();
  const failures = createFailureLimiter({ ...deps, limits });
  const operators = createOperatorLog({ ...deps, limits });
  const handler = createHandler(deps, limits, { failures, operators }, closing.signal);
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.headerBytesMax,
    connectionsCheckingInterval: OVERDUE_CHECK_MS,
    // Node's own answer is no problem (RFC 9457): isOneOfOurs looks.
    requireHostHeader: false,
  });
  server.maxRequestsPerSocket = limits.requestsPerConnectionMax;
  server.timeout = limits.socketIdleMs;

  const connections = createConnections(limits.connectionsMax);
  const path = publicPath(deps.public_url);

  function take(req: IncomingMessage, res: ServerResponse): void {
    if (!connections.began(res)) return;
    if (!isOneOfOurs(req)) {
      res.setHeader("Connection", "close");
      answerError({ ...deps, limits }, garbageProblem(undefined), req, res, "/");
      return;
    }
    req.url = withoutPublicPath(originForm(req.url ?? "/"), path);
    if (closing.signal.aborted) res.setHeader("Connection", "close");
    handler(req, res);
  }

  server.on("request", take);
  server.on("checkContinue", (req: IncomingMessage, res: ServerResponse) => {
    // Who asks first need not send a body that is refused anyway.
    const length = Number(req.headers["content-length"] ?? 0);
    if (length <= limits.bodyBytesMax && isOneOfOurs(req)) res.writeContinue();
    take(req, res);
  });
  // Of any other Expect, node's own 417 is no problem (RFC 9457), and a webhook is not lost for it (RFC 9110, 10.1.1).
  server.on("checkExpectation", take);
  server.on("connection", (socket: Socket) => connections.opened(socket));
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    const unanswered = connections.running().filter(({ req }) => req.socket === socket);
    answerGarbage(error, socket, unanswered);
  });

  return {
    handler,
    listen: (host, port) => listen(server, host, port),
    close(graceMs) {
      closing.abort();
      for (const res of connections.running()) hangUpAfter(res);
      failures.close();
      operators.close();
      return close(server, deps.clock, graceMs);
    },
  };
}

/**
 * Webhooks are answered from the first moment; Express and what stands on it are loaded when somebody asks for anything
 * else (decisions 12 and 13).
 */
function createHandler(
  deps: HttpDeps,
  limits: HttpLimits,
  { failures, operators }: { failures: FailureLimiter; operators: OperatorLog },
  closing: AbortSignal,
): RequestListener {
  const takeWebhook = createWebhookRoutes({ ...deps, limits, failures });
  let loading: Promise<RequestListener> | null = null;
  const application = async (): Promise<RequestListener> => {
    const { createApplication } = await import("./application.ts");
    return createApplication(deps, limits, closing, operators);
  };
  return (req, res) => {
    if (takeWebhook(req, res)) return;
    loading ??= application();
    loading.then(
      (handle) => handle(req, res),
      (error: unknown) => {
        // Out of file handles, say: the next request tries again.
        loading = null;
        answerError({ ...deps, limits }, error, req, res, "/");
      },
    );
  };
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      const { port: taken } = server.address() as AddressInfo;
      resolve(`http://${host.includes(":") ? `[${host}]` : host}:${taken}`);
    });
  });
}

/** Not another version, no host, or two of which a proxy in front may have seen the other (RFC 9112, 3.2). */
function isOneOfOurs({ httpVersion, httpVersionMajor, rawHeaders }: IncomingMessage): boolean {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  return httpVersionMajor < 2 && hosts.length <= 1 && (httpVersion !== "1.1" || hosts.length === 1);
}

/** A proxy may write the whole address into the request line (RFC 9112, 3.2.2); whose it is decides nothing here. */
function originForm(target: string): string {
  const rest = target.replace(/^https?:\/\/[^/?#]*/i, "");
  return rest.startsWith("/") || rest === target ? rest : `/${rest}`;
}

/** Else a kept connection would hold up the end for as long as it is kept. */
function hangUpAfter(res: ServerResponse): void {
  if (!res.headersSent) res.setHeader("Connection", "close");
  else res.once("finish", () => res.req.socket.destroySoon());
}

function close(server: Server, clock: Clock, graceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    let drained = true;
    const cancelTimer = clock.after(graceMs, () => {
      drained = false;
      server.closeAllConnections();
    });
    server.close(() => {
      cancelTimer();
      resolve(drained);
    });
  });
}

/**
 * What never became a whole request gets a problem too, as far as the connection still takes one.
 * @param unanswered requests of that connection, oldest first: their answers go first, or one would be taken for theirs
 */
function answerGarbage(
  error: NodeJS.ErrnoException,
  socket: Socket,
  unanswered: readonly ServerResponse[],
): void {
  const before = unanswered.filter(({ req }) => req.complete).at(-1);
  if (error.code !== "ECONNRESET" && before !== undefined) {
    before.once("close", () =>
      answerGarbage(
        error,
        socket,
        unanswered.filter(({ req }) => !req.complete),
      ),
    );
    return;
  }
  if (error.code === "ECONNRESET" || !socket.writable || unanswered.some((res) => res.headersSent)) {
    socket.destroy();
    return;
  }
  const { body } = problemOf(garbageProblem(error.code));
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${body.status} ${body.title}`,
    `Content-Type: ${PROBLEM_CONTENT_TYPE}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${text}`);
}

function garbageProblem(code: string | undefined): HttpProblem {
  if (code === "HPE_CHUNK_EXTENSIONS_OVERFLOW") {
    return new HttpProblem("body_too_large", "The extensions of a chunk are larger than this server takes.");
  }
  if (code === "HPE_HEADER_OVERFLOW") {
    return new HttpProblem(
      "headers_too_large",
      "The request line and headers are larger than this server takes.",
    );
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return new HttpProblem("body_too_slow", "The request did not arrive in time. Send it again.");
  }
  return new HttpProblem("malformed_request", "This is not HTTP/1.1.");
}
