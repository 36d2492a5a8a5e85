import "./stage.css";

import { X } from "lucide-react";
import { useEffect, useState } from "react";

import { designOf, type Node, useCompare, useNodes } from "../api";
import { nodeText, shortText } from "../tree/words";
import { IconButton, ProblemNotice } from "../ui";
import { MaskLayer } from "./mask/MaskLayer";
import { useReadMask } from "./mask/useReadMask";
import { useShownMask } from "./mask/useShownMask";
import { BeforeAfter } from "./result/BeforeAfter";
import { Segmented } from "./Segmented";
import { Frame, ZoomButtons } from "./view/Frame";
import { Picture } from "./view/Picture";
import { useViewer, type Viewer } from "./view/useViewer";
import { compareReport } from "./words/report";

type Mode = "sides" | "slider" | "difference";

const MODES = [
  { value: "sides", label: "Side by side" },
  { value: "slider", label: "Divider" },
  { value: "difference", label: "Difference" },
] as const;

interface CompareProps {
  /** Resource name of the first node. */
  base: string;
  /** Resource name of the second node, of the same design. */
  other: string;
  onClose: () => void;
}

/** Two pictures of a design, looked at together: side by side, with a divider, and where they differ. */
export function CompareView({ base, other, onClose }: CompareProps) {
  const nodes = useNodes(designOf(base)).data ?? [];
  const one = nodes.find((node) => node.name === base);
  const two = nodes.find((node) => node.name === other);
  const [mode, setMode] = useState<Mode>("sides");
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) onClose();
    };
    document.addEventListener("keydown", close);
    return () => document.removeEventListener("keydown", close);
  }, [onClose]);
  return (
    <section className="stage compare" aria-label="Comparison">
      <div className="compare-head">
        <h2>Compare</h2>
        <Segmented label="How to compare" segments={MODES} value={mode} onChange={setMode} />
        <IconButton label="Close the comparison" icon={<X />} onClick={onClose} />
      </div>
      {one && two && <Compared one={one} two={two} nodes={nodes} mode={mode} />}
    </section>
  );
}

interface ComparedProps {
  readonly one: Node;
  readonly two: Node;
  readonly nodes: readonly Node[];
  readonly mode: Mode;
}

function Compared({ one, two, nodes, mode }: ComparedProps) {
  const comparison = useCompare(one.name, two.name);
  const viewer = useViewer({ width: one.width || 1, height: one.height || 1 });
  const [share, setShare] = useState(0.5);
  const changed = useReadMask(comparison.data?.changed).mask;
  const mask = useShownMask(one, undefined, changed);
  const names = [shortText(one), shortText(two)] as const;
  const sides = mode === "sides";
  return (
    <>
      <div className="compare-pictures" data-sides={sides ? "" : undefined}>
        {sides && <Side node={one} name={names[0]} viewer={viewer} />}
        {sides ? (
          <Side node={two} name={names[1]} viewer={viewer} zoom />
        ) : (
          <Frame
            viewer={viewer}
            label={mode === "slider" ? `${names[0]} and ${names[1]}` : `Where they differ, over ${names[1]}`}
            over={
              <>
                {mode === "slider" && (
                  <BeforeAfter
                    viewer={viewer}
                    before={one.name}
                    names={names}
                    share={share}
                    onShare={setShare}
                  />
                )}
                <ZoomButtons viewer={viewer} />
              </>
            }
          >
            <Picture node={two.name} viewer={viewer} alt={names[1]} />
            {mode === "difference" && mask && (
              <MaskLayer mask={mask} paint="spotlight" label="Where the pictures differ" />
            )}
          </Frame>
        )}
      </div>
      <Apart comparison={comparison} names={names} nodes={nodes} />
    </>
  );
}

function Side({ node, name, viewer, zoom }: { node: Node; name: string; viewer: Viewer; zoom?: boolean }) {
  return (
    <figure className="compare-side">
      <Frame viewer={viewer} label={name} over={zoom && <ZoomButtons viewer={viewer} />}>
        <Picture node={node.name} viewer={viewer} alt={name} />
      </Frame>
      <figcaption className="small">{name}</figcaption>
    </figure>
  );
}

interface ApartProps {
  readonly comparison: ReturnType<typeof useCompare>;
  readonly names: readonly [string, string];
  readonly nodes: readonly Node[];
}

/** How two pictures differ, in figures and in the edits that each has and the other has not. */
function Apart({ comparison, names, nodes }: ApartProps) {
  const { data, error, refetch } = comparison;
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  if (!data) {
    return (
      <p className="compare-words soft" role="status">
        <span className="spinner" aria-hidden /> Comparing every pixel…
      </p>
    );
  }
  const { headline, details } = compareReport(data);
  const ancestor = nodes.find((node) => node.name === data.ancestor);
  const said = (path: readonly string[]) =>
    path
      .map((name) => nodes.find((node) => node.name === name))
      .filter((node) => node !== undefined)
      .map((node) => node.edit?.instruction ?? nodeText(node));
  return (
    <div className="compare-words">
      <div role="status">
        <p className="compare-headline">{headline}</p>
        <p className="small soft">{details.join(" · ")}</p>
        {ancestor && <p className="small soft">They part after: {shortText(ancestor)}</p>}
      </div>
      <Path title={`Only in “${names[0]}”`} edits={said(data.basePath)} />
      <Path title={`Only in “${names[1]}”`} edits={said(data.otherPath)} />
    </div>
  );
}

function Path({ title, edits }: { title: string; edits: readonly string[] }) {
  if (!edits.length) return null;
  return (
    <div className="small">
      <h3 className="small soft">{title}</h3>
      <ol>
        {edits.map((edit, index) => (
          <li key={index}>{edit}</li>
        ))}
      </ol>
    </div>
  );
}
