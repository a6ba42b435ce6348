import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import getRawBody, { type RawBodyErrorType } from "raw-body";
import type { Clock } from "../core/time.ts";
import { HttpProblem } from "./problem.ts";

export interface BodyBounds {
  bytesMax: number;
  /** For the whole body, from now. */
  ms: number;
}

/**
 * At least as many bytes a piece of a body counts. A chunk of one byte costs the processor a thousand times what a byte
 * of a large one costs, so a flood of them ends long before its bytes are too many.
 */
export const PIECE_BYTES = 64;

/** The client hung up in the middle: nobody is left to answer. */
export class ClientGone extends Error {}

/**
 * The whole body, raw. Stops reading at the first byte too many, whatever `Content-Length` promised, or when it comes
 * in too many pieces.
 * @throws HttpProblem `body_too_large`, `body_too_slow`; ClientGone
 */
export function readBody(req: IncomingMessage, bounds: BodyBounds, clock: Clock): Promise<Buffer> {
  const length = req.headers["content-length"] ?? null;
  return new Promise((resolve, reject) => {
    const cancelTimer = clock.after(bounds.ms, () => {
      reject(
        new HttpProblem("body_too_slow", `The body took longer than ${bounds.ms / 1000} s. Send it again.`),
      );
    });
    let pieces = 0;
    const { body, letGo } =
      req.headers["transfer-encoding"] === undefined ? asItComes(req) : gathered(req, bounds.bytesMax);
    req.on("data", count);
    function count(): void {
      pieces++;
      if (pieces * PIECE_BYTES <= bounds.bytesMax) return;
      reject(new HttpProblem("body_too_large", "The body comes in too many pieces: send larger chunks."));
      stop();
    }
    function stop(): void {
      cancelTimer();
      req.off("data", count);
      letGo();
    }
    void getRawBody(body, { limit: bounds.bytesMax, length })
      .then(resolve, (error: unknown) => reject(refusalOf(error, bounds.bytesMax)))
      .finally(stop);
  });
}

/** What is read, and how to keep no more of it. */
interface Source {
  body: Readable;
  letGo: () => void;
}

function asItComes(req: IncomingMessage): Source {
  return { body: req, letGo: () => undefined };
}

const GATHERED_BYTES = 16 * 1024;

/**
 * A body in chunks, in larger pieces. What is read at once of a connection may hold ten thousand chunks; each would be
 * kept for itself, and of a byte that is a hundred. A body without them comes in pieces as large as what is read at once.
 */
function gathered(req: IncomingMessage, bytesMax: number): Source {
  const body = new Readable({ read: () => undefined });
  let room = NOTHING;
  let used = 0;
  let bytes = 0;
  function flush(): void {
    if (used > 0) body.push(room.subarray(0, used));
    room = NOTHING;
    used = 0;
  }
  function take(piece: Buffer): void {
    if (used + piece.length > room.length) {
      flush();
      room = Buffer.allocUnsafe(Math.max(GATHERED_BYTES, piece.length));
    }
    used += piece.copy(room, used);
    bytes += piece.length;
    // That it is too large must be seen at once.
    if (bytes > bytesMax) flush();
  }
  function end(): void {
    letGo();
    flush();
    body.push(null);
  }
  function close(): void {
    body.destroy(new ClientGone());
  }
  function letGo(): void {
    req.off("data", take).off("end", end).off("close", close);
  }
  req.on("data", take).once("end", end).once("close", close);
  return {
    body,
    letGo: () => {
      letGo();
      body.destroy();
    },
  };
}
const NOTHING = Buffer.alloc(0);

/**
 * What comes of a body within the bounds; the rest is left unread. For callbacks, which are answered 200
 * whatever they carry.
 */
export function readSome(req: IncomingMessage, bounds: BodyBounds, clock: Clock): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const cancelTimer = clock.after(bounds.ms, finish);
    req.on("data", take).once("end", finish).once("close", finish).once("error", finish);

    function take(chunk: Buffer): void {
      chunks.push(chunk.subarray(0, bounds.bytesMax - bytes));
      bytes += Math.max(chunk.length, PIECE_BYTES);
      if (bytes >= bounds.bytesMax) finish();
    }
    function finish(): void {
      cancelTimer();
      req.off("data", take);
      req.pause();
      resolve(Buffer.concat(chunks));
    }
  });
}

function refusalOf(error: unknown, bytesMax: number): Error {
  const type = error instanceof Error && "type" in error ? (error.type as RawBodyErrorType) : undefined;
  if (type === "entity.too.large") {
    return new HttpProblem("body_too_large", `The body is larger than ${bytesMax} bytes.`);
  }
  if (type === "request.aborted" || type === "stream.not.readable" || type === "request.size.invalid") {
    return new ClientGone();
  }
  return error instanceof Error ? error : new Error("the body cannot be read");
}

/** Whether nothing of the request's body is still to come. */
export function isWhole(req: IncomingMessage): boolean {
  const { "transfer-encoding": coding, "content-length": length = "0" } = req.headers;
  return req.complete || (coding === undefined && Number(length) === 0);
}
