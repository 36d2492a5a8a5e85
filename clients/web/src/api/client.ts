import { createClient } from "@connectrpc/connect";

import { DesignService } from "../gen/langdesign/design/v1/design_pb";
import { EditingService } from "../gen/langdesign/editing/v1/editing_pb";
import { createTransport } from "./wire";

const transport = createTransport(window.location.origin);

/** The design service, through the gateway that served this page. */
export const service = createClient(DesignService, transport);

/** The editing service, which the design service edits by: it knows the models. */
export const editingService = createClient(EditingService, transport);

/** Names one call, so that doing it twice changes nothing. Also where the page is not served over TLS. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
