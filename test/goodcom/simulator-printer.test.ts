import { describe, expect, it } from "vitest";
import { createGoodcomSimulator } from "../../src/goodcom/simulator/simulator.ts";
import {
  body,
  callbackServer,
  closeAfterEach,
  command,
  NOW,
  post,
  start,
} from "../fakes/goodcom-simulator.ts";
import { createManualClock } from "../fakes/manual-clock.ts";

closeAfterEach();

describe("the button on the printer", () => {
  it.each([
    ["get", "GET", "?a=simulator&o=10006&ak=Accepted&m=OK&dt=05%3A44", ""],
    ["form", "POST", "", "order_id=10006&status=1&msg=OK&delivery_time=05%3A44"],
    ["json", "POST", "", '{"order_id":"10006","status":"1","msg":"OK","delivery_time":"05:44"}'],
  ] as const)("calls back as %s after its delay", async (form, method, search, text) => {
    const clock = createManualClock(NOW);
    const cloud = await start({ clock, confirm_after_ms: 1000, callback_form: form });
    const { url, first } = await callbackServer();
    await post(cloud, body({ callback_url: url }));
    await clock.advance(999);
    expect(cloud.slips[0]?.verdict).toBeNull();
    await clock.advance(1);
    const called = await first;
    expect(called.req.method).toBe(method);
    expect(called.req.url).toBe(`/callbacks/goodcom/d1/TOKEN-c0ffee${search}`);
    expect(called.text).toBe(text);
    await expect
      .poll(() => cloud.slips[0])
      .toMatchObject({
        ...{ verdict: "accepted", called_back: { status: 200, error: null } },
      });
  });

  it("is pressed by hand too, also to refuse, also over HTTP", async () => {
    const cloud = await start();
    const { url, first } = await callbackServer(404);
    await post(cloud, body({ callback_url: url }));
    expect(await cloud.confirm("10006", "rejected")).toEqual({ status: 404, error: null });
    expect((await first).req.url).toContain("ak=Rejected");
    expect(cloud.slips[0]?.verdict).toBe("rejected");
    expect(await cloud.confirm("nobody")).toBeNull();
    expect(await command(cloud, "/confirm", { order: "slip-1" })).toMatchObject({ answer: { status: 404 } });
    expect((await command(cloud, "/confirm", { order: "slip-9" })).status).toBe(404);
  });

  it("is not pressed again by itself", async () => {
    const clock = createManualClock(NOW);
    const cloud = await start({ clock, confirm_after_ms: 1000 });
    const { url } = await callbackServer();
    await post(cloud, body({ callback_url: url }));
    await cloud.confirm("slip-1", "rejected");
    await clock.advance(2000);
    expect(cloud.slips[0]?.verdict).toBe("rejected");
  });

  it("calls nobody but this machine", async () => {
    const cloud = await start();
    await post(cloud, body({ callback_url: "http://192.0.2.1/callbacks/goodcom/d1/t" }));
    expect(await cloud.confirm("10006")).toMatchObject({
      status: null,
      error: expect.stringContaining("192.0.2.1"),
    });
    await post(cloud, body({ callback_url: "" }));
    expect(await cloud.confirm("slip-2")).toEqual({ status: null, error: "callback_url is no address" });
  });
});

describe("paper on the screen", () => {
  it("shows slips escaped, under a strict policy, without scripts", async () => {
    const cloud = await start();
    await post(cloud, body({ order_txt: `<script>alert("1")</script> & 'x'\nORDER\n` }));
    const res = await fetch(`${cloud.url}/`);
    expect(res.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'self'/);
    const html = await res.text();
    expect(html).toContain(
      "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;\nORDER\n</pre>",
    );
    expect(html).not.toContain("<script");
    expect(html).toContain('<meta http-equiv="refresh"');
    expect((await fetch(`${cloud.url}/style.css`)).headers.get("content-type")).toBe("text/css");
  });

  it("shows order_json where order_txt is off", async () => {
    const cloud = await start();
    await post(cloud, body({ order_txt: "" }));
    expect(await (await fetch(`${cloud.url}/`)).text()).toContain("Chicken");
  });

  it("lists slips as JSON, without keys or callback addresses", async () => {
    const cloud = await start();
    const { url } = await callbackServer();
    await post(cloud, body({ callback_url: url }));
    const text = await (await fetch(`${cloud.url}/slips.json`)).text();
    expect(JSON.parse(text)).toMatchObject({
      slips: [{ id: "slip-1", order_id: "10006", has_callback: true }],
    });
    expect(text).not.toMatch(/APIKEY|TOKEN/);
    expect((await fetch(`${cloud.url}/nothing`)).status).toBe(404);
  });
});

describe("listening", () => {
  it("says when the port is taken, and when it does not listen yet", async () => {
    const cloud = await start();
    const port = Number(new URL(cloud.url).port);
    const second = createGoodcomSimulator({ clock: createManualClock(NOW), confirm_after_ms: null, port });
    expect(() => second.url).toThrow(/does not listen yet/);
    await expect(second.listen()).rejects.toMatchObject({ code: "EADDRINUSE" });
    await second.close();
  });
});
