import "./design.css";

import { Image, ListTree, SlidersHorizontal } from "lucide-react";
import { lazy, Suspense, useCallback, useDeferredValue, useMemo, useState } from "react";
import { Link, Redirect } from "wouter";

import { type Design, type Node, pathOf, useDesign, useNodes, useSearch, useWatch } from "../api";
import { Shell } from "../app/Shell";
import { titleText } from "../home/titles";
import { Stage } from "../stage/Stage";
import { Tree } from "../tree/Tree";
import { nodeText } from "../tree/words";
import { Button, Notice, ProblemNotice } from "../ui";
import { ConnectionBanner } from "./ConnectionBanner";
import { DesignBar } from "./DesignBar";
import { NodePanel, type Picking } from "./NodePanel";
import { usePicking } from "./usePicking";
import { useWalk } from "./useWalk";

const CompareView = lazy(async () => ({ default: (await import("../stage/CompareView")).CompareView }));

type View = "picture" | "tree" | "details";

const VIEWS: [View, string, React.ReactNode][] = [
  ["picture", "Picture", <Image key="picture" aria-hidden />],
  ["tree", "Tree", <ListTree key="tree" aria-hidden />],
  ["details", "Details", <SlidersHorizontal key="details" aria-hidden />],
];

const ASKS: Record<Picking, string> = {
  compare: "Choose the picture to compare with.",
  merge: "Choose the picture to join with: one that changes another place.",
};

interface DesignPageProps {
  design: string;
  node?: string;
}

/** The node that a design opens with: its cover, else its root. */
function firstNode(design: Design | undefined, byName: ReadonlyMap<string, Node>): string | undefined {
  if (!design) return undefined;
  return byName.has(design.cover) ? design.cover : design.root;
}

export function DesignPage({ design: name, node: selected = "" }: DesignPageProps) {
  const design = useDesign(name);
  const nodes = useNodes(name);
  const connection = useWatch(name, design.isSuccess && nodes.isSuccess);
  const list = useMemo(() => nodes.data ?? [], [nodes.data]);
  const byName = useMemo(() => new Map(list.map((one) => [one.name, one])), [list]);
  const walk = useWalk(byName, selected);
  const node = byName.get(selected);
  const [view, setView] = useState<View>("picture");
  const [showHidden, setShowHidden] = useState(false);
  const [words, setWords] = useState("");
  const search = useSearch(name, useDeferredValue(words));
  const found = useMemo(
    () => new Set(words.trim() ? search.data?.map((one) => one.name) : []),
    [words, search.data],
  );
  const { select } = walk;
  const picks = usePicking(node, select);
  const { picking, begin, answer, cancel } = picks;
  const choose = useCallback(
    (to: string, walked: boolean) => {
      if (picking && !walked) {
        answer(to);
        setView("picture");
      } else select(to, walked);
    },
    [picking, answer, select],
  );
  const error = design.error ?? nodes.error;

  if (!selected && nodes.data) {
    const first = firstNode(design.data, byName);
    if (first) return <Redirect to={pathOf(first)} replace />;
  }
  return (
    <Shell
      full
      title={titleText(design.data)}
      banner={<ConnectionBanner connection={connection} />}
      bar={
        <DesignBar
          design={design.data}
          node={node}
          walk={walk}
          view={view}
          words={words}
          found={words.trim() && search.data ? found.size : undefined}
          showHidden={showHidden}
          onWords={setWords}
          onShowHidden={setShowHidden}
        />
      }
    >
      {error && !nodes.data ? (
        <div className="page-narrow">
          <ProblemNotice
            error={error}
            onRetry={() => {
              void design.refetch();
              void nodes.refetch();
            }}
            actions={
              <Link href="/" className="button">
                Your designs
              </Link>
            }
          />
        </div>
      ) : (
        <div className="design" data-view={view}>
          <div className="design-stage">
            {picks.compared && picks.compared.base === selected ? (
              <Suspense fallback={null}>
                <CompareView {...picks.compared} onClose={picks.closeCompare} />
              </Suspense>
            ) : (
              selected && <Stage design={name} node={selected} onSelect={select} />
            )}
          </div>
          <aside className="design-side" aria-label="Tree and details">
            {design.data?.deleteTime && (
              <Notice tone="warn" title="This design is in the bin">
                Restore it in the bin to go on with it.
              </Notice>
            )}
            {picking && (
              <div className="picking" role="status">
                <span>{ASKS[picking]}</span>
                <Button onClick={cancel}>Cancel</Button>
              </div>
            )}
            <div className="design-tree">
              {nodes.data && selected && (
                <Tree
                  nodes={list}
                  selected={selected}
                  showHidden={showHidden}
                  picking={Boolean(picking)}
                  found={found}
                  left={walk.left}
                  onSelect={choose}
                  onShowHidden={() => setShowHidden(true)}
                />
              )}
            </div>
            {node && (
              <NodePanel
                key={node.name}
                node={node}
                design={titleText(design.data)}
                onSelect={select}
                onPick={(what) => {
                  begin(what);
                  setView("tree");
                }}
              />
            )}
          </aside>
          <nav className="design-tabs" aria-label="Views">
            {VIEWS.map(([value, label, icon]) => (
              <button
                key={value}
                type="button"
                aria-current={view === value ? "true" : undefined}
                onClick={() => setView(value)}
              >
                {icon}
                {label}
              </button>
            ))}
          </nav>
          <p className="visually-hidden" role="status">
            {node ? `Shown: ${nodeText(node)}` : ""}
          </p>
        </div>
      )}
    </Shell>
  );
}
