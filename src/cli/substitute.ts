import { CommandFailed } from "./cli.ts";

// `$${` is a literal `${`; then a name in braces; then any other `${`, which is a mistake.
const PLACEHOLDER = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g;

/**
 * Puts the environment's values in the place of `${NAME}` in every text of a read file. It runs after the file
 * was parsed, so that no value can change the file's structure. Keys are left alone.
 * @throws CommandFailed naming every variable that is not set, and where; never a value
 */
export function substitute(value: unknown, env: Readonly<Record<string, string | undefined>>): unknown {
  const missing = new Set<string>();
  const malformed: string[] = [];
  const walk = (node: unknown, path: string): unknown => {
    if (typeof node === "string") {
      return node.replace(PLACEHOLDER, (match, name: string | undefined) => {
        if (match === "$${") return "${";
        if (name === undefined) {
          malformed.push(path);
          return match;
        }
        const found = Object.hasOwn(env, name) ? env[name] : undefined;
        if (found === undefined) missing.add(name);
        return found ?? "";
      });
    }
    if (Array.isArray(node)) return node.map((item, index) => walk(item, `${path}[${index}]`));
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, item]) => [key, walk(item, path === "" ? key : `${path}.${key}`)]),
    );
  };
  const result = walk(value, "");
  if (malformed.length > 0) {
    const where = malformed.join(", ");
    throw new CommandFailed(
      `${where}: "\${" needs a variable's name and "}"; for the characters write "$\${"`,
    );
  }
  if (missing.size > 0) {
    throw new CommandFailed(
      `not set in the environment: ${[...missing].join(", ")}; set them and apply again`,
    );
  }
  return result;
}
