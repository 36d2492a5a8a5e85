import { useQuery } from "@tanstack/react-query";

import { keys } from "./cache";
import { service } from "./client";

/** How two nodes of one design differ. */
export function useCompare(base: string | undefined, other: string | undefined) {
  return useQuery({
    queryKey: keys.compare(base ?? "", other ?? ""),
    queryFn: ({ signal }) => service.compareNodes({ base: base ?? "", other: other ?? "" }, { signal }),
    enabled: Boolean(base && other && base !== other),
    staleTime: Infinity,
  });
}
