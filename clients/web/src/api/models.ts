import { useQuery } from "@tanstack/react-query";

import type { EditModel } from "../gen/langdesign/editing/v1/editing_pb";
import { keys } from "./cache";
import { editingService } from "./client";
import { useConfig } from "./config";

/** A family of editors, as the contract names its options. */
export type Family = "instructPix2pix" | "inpainting";

/** A model that a person can choose, and what it takes for what they leave alone. */
export interface Model {
  /** Its name in the deployment. */
  name: string;
  /** Undefined where the deployment does not tell, as are the numbers then. */
  family?: Family;
  /** Text guidance scale, 1..30. */
  guidanceScale?: number;
  /** Image guidance scale, 1..10; undefined where the family has none. */
  imageGuidanceScale?: number;
  /** Width of the mask's soft edge, 0..128. */
  feather?: number;
}

function modelOf({ name, advised }: EditModel): Model {
  const editor = advised?.editor;
  const own = editor?.case === "instructPix2pix" ? editor.value : undefined;
  return {
    name,
    family: editor?.case,
    guidanceScale: editor?.value?.guidanceScale,
    imageGuidanceScale: own?.imageGuidanceScale,
    feather: advised?.feather,
  };
}

/** Returns the models to choose from, the default first: of those that are served, what the deployment offers. */
export function offeredModels(served: readonly Model[] | undefined, offered: readonly string[]): Model[] {
  if (!served) return offered.map((name) => ({ name }));
  const [standard] = served;
  return served.filter((model) => model === standard || !offered.length || offered.includes(model.name));
}

/** The models to choose from, the default first. Of a deployment that does not tell, only names, or none. */
export function useModels(): Model[] {
  const offered = useConfig().data?.models ?? [];
  const { data } = useQuery({
    queryKey: keys.models,
    queryFn: async ({ signal }) => (await editingService.getServedModels({}, { signal })).models.map(modelOf),
    staleTime: 5 * 60_000,
  });
  return offeredModels(data, offered);
}

/** The model of a name; empty for the default. */
export function modelNamed(models: readonly Model[], name: string): Model | undefined {
  return name ? models.find((model) => model.name === name) : models[0];
}
