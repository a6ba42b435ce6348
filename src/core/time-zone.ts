import { z } from "zod";

export const timeZone = z
  .string()
  // Intl takes offsets too, but a place's clock may be put forward: only its name knows.
  .refine((zone) => !/^[+-]/.test(zone), {
    error: "an offset is no IANA time zone: name the place, such as Asia/Taipei",
    abort: true,
  })
  .refine(isTimeZone, "not an IANA time zone such as Asia/Taipei");

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
