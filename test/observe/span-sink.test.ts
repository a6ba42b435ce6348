import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createSpanSink } from "../../src/observe/span-sink.ts";
import { openOtlpReceiver } from "./otlp-receiver.ts";

test.each([301, 302, 303, 307, 308])(
  "a collector's redirect (%s) is a failure, and is not followed",
  async (status) => {
    const target = await openOtlpReceiver();
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { location: `${target.url}/v1/traces` }).end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const failures: string[] = [];
    const sink = createSpanSink({
      ...{
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
        version: "1.2.3",
      },
      ...{ waiting_max: 10, onFailure: (detail) => void failures.push(detail) },
    });
    sink.add({
      ...{ name: "receive", kind: "server", own: null, parent: null, started_at: 1, ended_at: 2 },
      ...{ attributes: {}, failed: false },
    });
    await sink.close();
    expect(failures).toHaveLength(1);
    expect(target.requests).toEqual([]);
    server.closeAllConnections();
    server.close();
    await target.close();
  },
);
