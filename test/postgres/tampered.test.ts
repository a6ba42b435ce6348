import { afterAll, beforeAll, describe, test } from "vitest";
import { POSTGRES } from "../fakes/postgres.ts";
import { expectKept, expectRefused, named, untilReady } from "../faults/disk/service.ts";
import { openServiceOnPostgres, type ServiceOnPostgres } from "./service.ts";

const DEDUPE = "ON deliveries (store, order_id) WHERE kind = 'cancellation'";

describe.skipIf(POSTGRES === null)(
  "bug: tables that somebody changed were answered 500, and nobody was told",
  () => {
    let service: ServiceOnPostgres;
    beforeAll(async () => {
      service = await openServiceOnPostgres();
    });
    afterAll(() => service.close());

    test.each([
      {
        what: "the index of the dedupe dropped",
        change: "DROP INDEX deliveries_dedupe",
        mend: `CREATE UNIQUE INDEX deliveries_dedupe ${DEDUPE}`,
      },
      {
        what: "a column renamed",
        change: "ALTER TABLE deliveries RENAME COLUMN useful_until TO until",
        mend: "ALTER TABLE deliveries RENAME COLUMN until TO useful_until",
      },
      {
        what: "a table renamed",
        change: "ALTER TABLE tickets RENAME TO papers",
        mend: "ALTER TABLE papers RENAME TO tickets",
      },
    ])("$what: refused and told; mended: all goes on", async ({ what, change, mend }) => {
      const orders = named(what.replaceAll(" ", "-"), 4);
      const before = service.logged("ledger.failed").length;
      await service.query(change);
      expectRefused(await service.sendAll(orders));
      await service.untilLogged("ledger.failed", /not as the relay made them: put back/, before);
      await service.query(mend);
      await untilReady(service);
      expectKept(await service.sendAll(orders));
      await service.printedOnce(orders);
    });
  },
);
