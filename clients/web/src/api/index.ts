/**
 * All that the page knows of the service. Components call these hooks and no client; errors go through `problemOf`.
 *
 * - `useDesign(design)`, `useNodes(design)`, `useNode(node)`: messages; `useNodes` is kept current by `useWatch`.
 * - `usePicture(node, maxSide)`, `useThumbnail(node)`: `data` is `{ url, width, height }`.
 * - `usePlan(parent, instruction, region)`, `useCompare(base, other)`.
 * - `useCreateNodes()`: `{ start, cancel, reset, busy, rejoining, nodes, problem }`.
 * - `useProgress(node)`: plan, mask, steps and preview of an edit under way, whoever began it.
 */
export * from "./compare";
export { parseConfig, useConfig, useMaxBytes, type Config, type Sample } from "./config";
export * from "./designs";
export * from "./edits";
export * from "./limits";
export { modelNamed, offeredModels, useModels, type Family, type Model } from "./models";
export * from "./names";
export * from "./nodes";
export { type ShownPicture } from "./objecturls";
export * from "./pictures";
export { isTransient, problemOf, type Problem, type ProblemKind } from "./problem";
export { useProgress, type EditProgress } from "./progress";
export * from "./replay";
export { giveToken, needToken, useToken } from "./token";
export { useWatch, type Connection } from "./watch";
export type {
  CompareNodesResponse,
  Design,
  Node,
  NodeEdit,
  PathReport,
  ReplayNodeResponse,
} from "../gen/langdesign/design/v1/design_pb";
export { NodeState } from "../gen/langdesign/design/v1/design_pb";
export { newKey } from "./client";
