// An address to listen at, as a person writes it: `127.0.0.1:9464`, `[::1]:9464`, `9464`.
import { FlowmetalError } from "../base/errors.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = "127.0.0.1";

/** Reads an address; a port alone is one of this machine only. Port 0 is any that is free. `origin`: where it was written. */
export function parseAddress(text: string, origin: string): Address {
  const match = /^(?:(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    throw new FlowmetalError("serve/address", `${origin} is no address to listen at: ${JSON.stringify(text)}`, {
      hint: "Give HOST:PORT, such as 127.0.0.1:9464, or a port of this machine alone.",
    });
  }
  const [, host = LOOPBACK] = match;
  return { host: host.replace(/^\[|\]$/g, ""), port };
}
