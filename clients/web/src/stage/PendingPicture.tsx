import { type Node, NodeState, useProgress } from "../api";
import { MaskLayer } from "./mask/MaskLayer";
import { useReadMask } from "./mask/useReadMask";
import { Frame, ZoomButtons } from "./view/Frame";
import { Picture } from "./view/Picture";
import type { Viewer } from "./view/useViewer";
import { useShownMask } from "./mask/useShownMask";

interface PendingProps {
  readonly node: Node;
  /** The node whose picture is edited. */
  readonly base: Node;
  readonly viewer: Viewer;
}

/** The picture while it is edited: what it was, where it changes, and rough previews as they come. */
export function PendingPicture({ node, base, viewer }: PendingProps) {
  const progress = useProgress(node.name);
  const found = useReadMask(progress?.mask?.mask).mask;
  const mask = useShownMask(base, undefined, found);
  const running = node.state === NodeState.RUNNING;
  return (
    <div className="stage-main">
      <Frame viewer={viewer} label="The picture before this edit" over={<ZoomButtons viewer={viewer} />}>
        <Picture node={base.name} viewer={viewer} alt="The picture before this edit" />
        {running && progress?.preview && (
          <img
            className="picture preview"
            src={progress.preview}
            alt="Rough preview of the edit"
            draggable={false}
          />
        )}
        {running && mask && !progress?.preview && <MaskLayer mask={mask} label="Where the edit acts" />}
      </Frame>
    </div>
  );
}
