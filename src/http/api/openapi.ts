import { z } from "zod";
import { ACTOR_NAME_CHARS_MAX } from "../../core/actor.ts";
import { ACT_KEYS_KEPT_DAYS } from "../../core/retention.ts";
import { PROBLEM_CONTENT_TYPE, PROBLEMS, type ProblemCode } from "../problem.ts";
import { KEY_CHARS_MAX, KEY_HEADER, OPERATOR_HEADER } from "../act.ts";
import type { Operation } from "./operation.ts";
import {
  alertSchema,
  deliveryDetailSchema,
  deliverySchema,
  healthSchema,
  printerJsonSchema,
  problemSchema,
  receiptSchema,
  webhookDetailSchema,
  webhookSchema,
} from "../../answers/schemas.ts";
import {
  cancelledSchema,
  reconciledSchema,
  storeOrderSchema,
  storeSchema,
  storeTestSchema,
  subscribedSchema,
} from "../../answers/store-schemas.ts";

type Json = Record<string, unknown>;

const NAMED = {
  Delivery: deliverySchema,
  DeliveryDetail: deliveryDetailSchema,
  Webhook: webhookSchema,
  WebhookDetail: webhookDetailSchema,
  Alert: alertSchema,
  Receipt: receiptSchema,
  Store: storeSchema,
  StoreTest: storeTestSchema,
  Subscribed: subscribedSchema,
  Reconciled: reconciledSchema,
  StoreOrder: storeOrderSchema,
  CancelledOrder: cancelledSchema,
  Printer: printerJsonSchema,
  Health: healthSchema,
  Problem: problemSchema,
};

/** The OpenAPI 3.1 document of the operations, from the schemas that read their requests and type their answers. */
export function openApiOf(operations: readonly Operation[], publicUrl: string, version: string): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: "input", uri: (id) => `#/components/schemas/${id}` });
  const components = Object.fromEntries(
    Object.entries(schemas)
      .filter(([id]) => id in NAMED)
      .map(([id, schema]) => [id, bare(schema)]),
  );
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "goodcom-relay, operators' API",
      version,
      description:
        "Times are RFC 3339 in UTC. Errors are RFC 9457 problems with a stable `type`. " +
        "Either token reads; only RELAY_ADMIN_TOKEN acts.",
    },
    servers: [{ url: publicUrl }],
    security: [{ token: [] }],
    paths,
    components: {
      schemas: components,
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
  };
}

function describe(operation: Operation): Json {
  const { name, summary, description, query, body, path, access } = operation;
  const headers = access === "act" && operation.method === "post" ? ACT_HEADERS : [];
  const pathParameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter = ""]) => ({
    name: parameter,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const queryParameters = Object.entries(query.shape).map(([parameter, schema]) => ({
    name: parameter,
    in: "query",
    required: false,
    schema: inline(schema as z.ZodType),
  }));
  return {
    operationId: name,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(access === "open" ? { security: [] } : {}),
    parameters: [
      ...pathParameters,
      ...queryParameters,
      ...headers.filter(({ name: header }) => !operation.repeatable || header !== KEY_HEADER),
    ],
    ...(body === null
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: inline(body) } } } }),
    responses: responsesOf(operation),
  };
}

const ACT_HEADERS: readonly Json[] = [
  {
    name: KEY_HEADER,
    in: "header",
    required: false,
    description:
      "Under one key an act is done once: asked for again, also after a restart, it answers as it first did " +
      `(status, body, Location). Kept for ${ACT_KEYS_KEPT_DAYS} days. A request that was refused did nothing and is not kept. ` +
      "A key used for another act is 422; 409 `repeated`: the first is still under way. In double quotes, as " +
      "RFC 9651 writes a String, or bare.",
    schema: { type: "string", minLength: 1, maxLength: KEY_CHARS_MAX },
  },
  {
    name: OPERATOR_HEADER,
    in: "header",
    required: false,
    description: `Who acts, for the history: \`operator Ana\`. UTF-8; cut after ${ACTOR_NAME_CHARS_MAX} characters.`,
    schema: { type: "string" },
  },
];

/** A body is read even where none is taken. */
const BODY_REFUSALS = ["body_too_slow", "body_too_large", "unsupported_body"] as const;

function responsesOf(operation: Operation): Json {
  const { answer, access, method, repeatable, refusals, otherStatus } = operation;
  const media =
    answer.kind === "json"
      ? { "application/json": { schema: schemaOf(answer.schema) } }
      : { [mediaTypeOf(answer.contentType)]: { schema: { type: "string" } } };
  const codes: ProblemCode[] = [
    ...(access === "open" ? [] : (["invalid", "unauthorized", "too_many_requests"] as const)),
    ...(method === "post" ? BODY_REFUSALS : []),
    ...(access === "act" ? (["forbidden"] as const) : []),
    ...(access === "act" && !repeatable ? (["repeated", "key_reused"] as const) : []),
    ...refusals,
    ...(access === "open" ? [] : (["ledger_unavailable"] as const)),
  ];
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))];
  const problems = statuses.map((status) => {
    const titles = codes
      .filter((code) => PROBLEMS[code].status === status)
      .map((code) => PROBLEMS[code].title);
    return [String(status), problemResponse(titles.join("; or: "))] as const;
  });
  return {
    [answer.status]: { description: "OK", content: media },
    ...(otherStatus === undefined ? {} : { [otherStatus]: { description: "Not ready", content: media } }),
    ...Object.fromEntries(problems),
  };
}

function problemResponse(description: string): Json {
  return {
    description,
    content: { [PROBLEM_CONTENT_TYPE]: { schema: reference("Problem") } },
  };
}

/** A reference where the schema has a name (also as the items of a page), the schema itself elsewhere. */
function schemaOf(schema: z.ZodType): Json {
  const name = nameOf(schema);
  if (name !== undefined) return reference(name);
  if (!(schema instanceof z.ZodObject)) return {};
  const items: unknown = schema.shape.items;
  const itemName = items instanceof z.ZodArray ? nameOf(items.element) : undefined;
  if (itemName === undefined) return inline(schema);
  const page = inline(schema.omit({ items: true }));
  const properties = {
    items: { type: "array", items: reference(itemName) },
    ...(page.properties as Json),
  };
  return { ...page, properties, required: Object.keys(properties) };
}

function nameOf(schema: unknown): string | undefined {
  return Object.entries(NAMED).find(([, named]) => named === schema)?.[0];
}

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function inline(schema: z.ZodType): Json {
  return bare(z.toJSONSchema(schema, { io: "input" }));
}

/** Without what only a schema file of its own needs. */
function bare(schema: object): Json {
  return Object.fromEntries(
    Object.entries(schema).filter(([key]) => !["$schema", "$id", "~standard"].includes(key)),
  );
}

/** Without the charset: clients look for the bare type. */
function mediaTypeOf(contentType: string): string {
  return contentType.split(";", 1)[0] ?? contentType;
}
