import { createHash } from "node:crypto";
import { applyFileSchema, storeSettingsOf, type Settings } from "../../src/core/settings.ts";

export const SECRET = "app-secret-for-the-simulation";
export const TOKEN = "s".repeat(43);

/** Two printers, four stores of all three platforms. @param usefulForS of `kitchen`; `bar` gives up later */
export function settingsOf(usefulForS: number): Settings {
  const file = applyFileSchema.parse({
    printers: [
      { name: "kitchen", api_key: "k", secret_key: "s", useful_for_s: usefulForS, confirm_within_s: 60 },
      { name: "bar", api_key: "b", endpoint: "cancel_then_submit", confirm_within_s: 60 },
    ],
    stores: [
      { name: "noodle-bar", platform: "shopline", printer: "kitchen", secrets: [SECRET] },
      { name: "cake-shop", platform: "shoplazza", printer: "kitchen", secrets: [SECRET] },
      { name: "cocktails", platform: "shopline", printer: "bar", secrets: [SECRET] },
      {
        name: "tee-shop",
        platform: "fastpod",
        printer: "bar",
        tokens: [TOKEN],
        api: { url: "http://127.0.0.1:9", token: "t" },
      },
    ],
  });
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  return { printers: file.printers, stores: file.stores.map((one) => storeSettingsOf(one, sha256)) };
}
