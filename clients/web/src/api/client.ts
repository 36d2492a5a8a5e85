import { createClient } from "@connectrpc/connect";

import { DesignService } from "../gen/langdesign/design/v1/design_pb";
import { createTransport } from "./wire";

/** The design service, through the gateway that served this page. */
export const service = createClient(DesignService, createTransport(window.location.origin));

/** Names one call, so that doing it twice changes nothing. Also where the page is not served over TLS. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
