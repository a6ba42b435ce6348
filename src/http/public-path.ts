// A relay behind a proxy that has it below a path: RELAY_PUBLIC_URL is https://shop.example/relay, say.

/** @returns what `publicUrl` has after its host, such as `/relay`; mostly empty */
export function publicPath(publicUrl: string): string {
  const { pathname } = new URL(publicUrl);
  return pathname === "/" ? "" : pathname;
}

/** Some proxies take the path off before they ask, others leave it on: both are understood. */
export function withoutPublicPath(target: string, path: string): string {
  if (path === "" || !target.startsWith(path)) return target;
  const rest = target.slice(path.length);
  if (rest === "" || rest.startsWith("?")) return `/${rest}`;
  return rest.startsWith("/") ? rest : target;
}
