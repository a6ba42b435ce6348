import { lookup, type LookupAddress, type LookupAllOptions } from "node:dns";
import type { LookupFunction } from "node:net";
import { isLoopback } from "../../core/address.ts";
import { isLoopbackIp, isPublicIp } from "./public-ip.ts";

/** As `lookup` of node:dns, asked for all addresses. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  answer: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** A name leads to where no store's token is sent. Its message is for people. */
export class AddressRefused extends Error {
  readonly code = "RELAY_ADDRESS_REFUSED";
}

/**
 * The system's resolver, for `lookup` of a socket: what it lets through is what is connected to, so that a name cannot
 * lead elsewhere between the check and the connection. One wrong address among several refuses the name: whoever holds
 * it would otherwise choose which is tried.
 */
export function guardedLookup(resolve: Resolve = lookup): LookupFunction {
  return (hostname, options, callback) => {
    const wanted = isLoopback(hostname) ? "loopback" : "public";
    const isWanted = wanted === "loopback" ? isLoopbackIp : isPublicIp;
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const [first] = addresses;
      const wrong = addresses.find(({ address }) => !isWanted(address));
      if (first === undefined) return callback(new AddressRefused(`${hostname} has no address`), []);
      if (wrong !== undefined) {
        const words = `${hostname} leads to ${wrong.address}, which is no ${wanted} address`;
        return callback(new AddressRefused(words), []);
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
