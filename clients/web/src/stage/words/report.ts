/** What changed, in words: measured on the result, never promised. */

import type { CompareNodesResponse, PathReport } from "../../gen/langdesign/design/v1/design_pb";
import {
  type ChangeStatistics,
  type PreservationReport,
  Preserve,
} from "../../gen/langdesign/editing/v1/editing_pb";
import { counted, percent } from "./numbers";

/** A report for people. */
export interface ReportWords {
  /** "Outside the mask: 0 pixels changed". */
  readonly headline: string;
  /** Whether nothing at all changed where nothing was to change. */
  readonly kept: boolean;
  /** What the figures are, a line each. */
  readonly details: readonly string[];
}

/** Return how many pixels of a set differ. The share comes rounded, so that a count of many is near, and 0 is 0. */
export function changedPixels(statistics: ChangeStatistics): number {
  const pixels = Number(statistics.pixels);
  if (!pixels || !statistics.changedShare) return 0;
  return Math.max(1, Math.round(pixels * statistics.changedShare));
}

/** Return what an edit changed of its parent. */
export function editReport(report: PreservationReport): ReportWords {
  return reportOf(report.inside, report.outside, {
    outside: "Outside the mask",
    inside: "Inside",
    whole:
      report.preserve === Preserve.NONE
        ? "Nothing was held: the whole picture was edited"
        : "The whole picture was edited",
  });
}

/** Return what all edits from the root to a node changed of the root. */
export function pathReport(report: PathReport): ReportWords {
  return reportOf(report.inside, report.outside, {
    outside: "Outside all masks since the first picture",
    inside: "Inside them",
    whole: "An edit since the first picture was of the whole picture",
  });
}

/** Return how two pictures differ. */
export function compareReport(answer: CompareNodesResponse): ReportWords {
  const { difference } = answer;
  if (!difference) return { headline: "The pictures cannot be compared", kept: false, details: [] };
  const changed = changedPixels(difference);
  if (!changed) {
    return {
      headline: "The pictures are the same, pixel for pixel",
      kept: true,
      details: [counted(difference.pixels, "pixel")],
    };
  }
  return {
    headline: `${percent(difference.changedShare)} of the picture differs`,
    kept: false,
    details: [`${about(difference)} of ${counted(difference.pixels, "pixel")}`, ...strength(difference)],
  };
}

interface Names {
  readonly outside: string;
  readonly inside: string;
  readonly whole: string;
}

function reportOf(
  inside: ChangeStatistics | undefined,
  outside: ChangeStatistics | undefined,
  names: Names,
): ReportWords {
  const within = inside
    ? [
        `${names.inside}${extent(inside, outside)}: ${percent(inside.changedShare)} of ${counted(inside.pixels, "pixel")} changed`,
        ...strength(inside),
      ]
    : [];
  if (!outside?.pixels) return { headline: names.whole, kept: false, details: within };
  const changed = changedPixels(outside);
  return {
    headline: changed ? `${names.outside}: ${about(outside)} changed` : `${names.outside}: 0 pixels changed`,
    kept: !changed,
    details: [
      changed
        ? `${percent(outside.changedShare)} of ${counted(outside.pixels, "pixel")} outside`
        : `${counted(outside.pixels, "pixel")} outside, each as it was`,
      ...(changed ? strength(outside) : []),
      ...within,
    ],
  };
}

/** Return how much of the picture lies inside, to follow what that is called; nothing where all or none does. */
function extent(inside: ChangeStatistics, outside: ChangeStatistics | undefined): string {
  const pixels = Number(inside.pixels);
  if (!pixels || !outside?.pixels) return "";
  return `, ${percent(pixels / (pixels + Number(outside.pixels)))} of the picture`;
}

/** A share of 32 bits tells small counts exactly and large ones nearly. */
function about(statistics: ChangeStatistics): string {
  const changed = changedPixels(statistics);
  return changed < 1_000_000
    ? counted(changed, "pixel")
    : `about ${(changed / 1e6).toFixed(1)} million pixels`;
}

function strength(statistics: ChangeStatistics): string[] {
  if (!statistics.changedShare) return [];
  const mean = statistics.meanDifference;
  const levels = mean < 0.05 ? "less than 0.1" : mean.toFixed(1);
  return [`By ${levels} of 255 colour levels on average`];
}
