import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A span as OTLP's JSON has it, its attributes by name. */
export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  /** 1 internal, 2 server, 3 client. */
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status: { code: number };
  attributes: Record<string, string | number>;
}

/** A collector on loopback. */
export interface OtlpReceiver {
  url: string;
  spans: OtlpSpan[];
  requests: { path: string; headers: IncomingHttpHeaders; body: string }[];
  /** Of each answer; null: none ever comes. */
  status: number | null;
  close(): Promise<void>;
}

interface OtlpBody {
  resourceSpans: {
    scopeSpans: {
      spans: (Omit<OtlpSpan, "attributes"> & {
        attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
      })[];
    }[];
  }[];
}

export async function openOtlpReceiver(): Promise<OtlpReceiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      receiver.requests.push({ path: request.url ?? "", headers: request.headers, body });
      if (receiver.status === null) return;
      if (receiver.status === 200) receiver.spans.push(...spansOf(JSON.parse(body) as OtlpBody));
      response.writeHead(receiver.status, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    spans: [],
    requests: [],
    status: 200,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

function spansOf({ resourceSpans }: OtlpBody): OtlpSpan[] {
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return spans.map((span) => ({
    ...span,
    attributes: Object.fromEntries(
      span.attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? ""]),
    ),
  }));
}
