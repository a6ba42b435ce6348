import { expect, test } from "vitest";
import { printerSchema } from "../../src/core/settings.ts";
import type { CancelOrderBody } from "../../src/goodcom/api.ts";
import { hiderOf } from "../../src/goodcom/mask.ts";

const BODY = {
  ...{
    api_key: "the-api-key",
    cur_time: "1",
    sign: "5d41402abc4b2a76",
    order_id: "1",
    order_json: "",
    order_txt: "",
  },
  callback_url: "https://relay.example/callbacks/goodcom/D1/the-callback-token",
};
const hide = hiderOf(
  BODY as unknown as CancelOrderBody,
  printerSchema.parse({ name: "kitchen", api_key: "the-api-key" }),
);

test.each(["\u200b", "\u00ad", "\u0000", "\u001b[0m", "\u202e"])(
  "regression: a cloud that repeats a secret with %j inside had it shown once that was taken out",
  (unseen) => {
    for (const secret of ["the-api-key", "5d41402abc4b2a76", "the-callback-token"]) {
      const parted = secret.slice(0, 5) + unseen + secret.slice(5);
      expect(hide(`unknown key ${parted}, ask us`)).toBe("unknown key ***, ask us");
    }
  },
);
