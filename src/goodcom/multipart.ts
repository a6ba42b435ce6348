/**
 * A form with fields of a few words; a value of several lines is no word of a printer's. A part has few and short
 * headers: without a bound on them what matches nothing takes time by the square of its length.
 */
const FIELD =
  /^content-disposition:\s*form-data\s*;[^\r\n]{0,200}?\bname="([^"\r\n]{1,200})"[^\r\n]{0,200}(?:\r?\n[^\r\n]{1,200}){0,8}\r?\n\r?\n([^\r\n]*)/i;

/**
 * The text fields of a multipart form (RFC 7578), in their order; none where it is no such form. The boundary is the
 * body's own first line, so that a header which is wrong or missing does not matter.
 */
export function multipartFields(body: string, fieldsMax: number): [name: string, value: string][] {
  const [boundary = ""] = body.split(/\r?\n/, 1);
  if (!/^--[^\s-]|^--+[^\s]/.test(boundary)) return [];
  return body
    .split(boundary)
    .slice(1, fieldsMax + 1)
    .flatMap((part) => {
      const [, name, value] = FIELD.exec(part.replace(/^\r?\n/, "")) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as [string, string]];
    });
}
