import { useQuery } from "@tanstack/react-query";

import { keys } from "./cache";
import { WireError } from "./problem";

/** A picture that the deployment offers to begin with. */
export interface Sample {
  title: string;
  /** Address of the picture, seen from this page. */
  url: string;
  /** Instructions that go well with it. */
  suggestions: string[];
}

/** What the deployment tells this page: `/config.json` beside it. */
export interface Config {
  auth: "none" | "token";
  /** Names of the models that edit; empty where there is only the default. */
  models: string[];
  samples: Sample[];
  /** Largest request that the gateway takes, bytes; undefined where it does not say. */
  maxRequestBytes: number | undefined;
}

type Raw = Record<string, unknown>;

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

function sampleOf(value: unknown): Sample[] {
  if (typeof value !== "object" || value === null) return [];
  const { title, url, suggestions } = value as Raw;
  if (typeof url !== "string") return [];
  return [{ url, title: typeof title === "string" ? title : "Sample room", suggestions: texts(suggestions) }];
}

/** Reads what `/config.json` says; what it leaves out has its default. */
export function parseConfig(value: unknown): Config {
  const raw = typeof value === "object" && value !== null ? (value as Raw) : {};
  return {
    auth: raw.auth === "token" ? "token" : "none",
    models: texts(raw.models),
    maxRequestBytes: typeof raw.maxRequestBytes === "number" ? raw.maxRequestBytes : undefined,
    samples: Array.isArray(raw.samples) ? raw.samples.flatMap(sampleOf) : [],
  };
}

async function fetchConfig(): Promise<Config> {
  const response = await fetch("/config.json", { cache: "no-cache" }).catch((error: unknown) => {
    throw new WireError("line-lost", String(error));
  });
  if (response.status === 404) return parseConfig({});
  if (!response.ok) throw new WireError("line-lost", `HTTP ${response.status}`);
  return parseConfig(await response.json());
}

// A message around a picture or an archive: names, a title, framing.
const ENVELOPE_BYTES = 16 * 1024;

/** How many bytes of a picture or an archive can be sent: the contract's limit, or the gateway's where that is less. */
export function useMaxBytes(contract: number): number {
  const gateway = useConfig().data?.maxRequestBytes;
  return gateway === undefined ? contract : Math.min(contract, gateway - ENVELOPE_BYTES);
}

export function useConfig() {
  return useQuery({ queryKey: keys.config, queryFn: fetchConfig, staleTime: Infinity });
}
