import { designQuery, nodesQuery } from "../api";
import { cache } from "../api/cache";

export const loadDesignPage = () => import("../design/DesignPage");

/** Asks at once for what the address needs, while the page's own code still comes. */
export function readAhead(pathname: string): void {
  const [, folder, id] = pathname.split("/");
  if (folder !== "designs" || !id) return;
  const design = `designs/${id}`;
  // Whoever shows them asks again, and tells what failed.
  const reading = [loadDesignPage(), cache.query(designQuery(design)), cache.query(nodesQuery(design))];
  void Promise.allSettled(reading);
}
