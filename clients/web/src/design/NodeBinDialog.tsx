import { RotateCcw } from "lucide-react";

import { newKey, useDeletedNodes, useRestoreNode } from "../api";
import { Cover } from "../home/thumbnail";
import { ago } from "../home/time";
import { nodeText } from "../tree/words";
import { Button, Dialog, ProblemNotice, toastProblem } from "../ui";

interface NodeBinDialogProps {
  design: string;
  onClose: () => void;
  onSelect: (node: string) => void;
}

/** Pictures of a design that were deleted: each stands for the branch that went with it. */
export function NodeBinDialog({ design, onClose, onSelect }: NodeBinDialogProps) {
  const { data, error, refetch } = useDeletedNodes(design, true);
  const restore = useRestoreNode();
  const gone = new Set(data?.map((node) => node.name));
  const branches = data?.filter((node) => !gone.has(node.parent));
  return (
    <Dialog title="Bin of this design" onClose={onClose}>
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {branches?.length === 0 && <p className="soft">Nothing was deleted.</p>}
      <ul className="bin-list">
        {branches?.map((node) => (
          <li key={node.name}>
            <span className="bin-picture">
              <Cover node={node.name} alt="" />
            </span>
            <span className="bin-words">
              <strong>{nodeText(node)}</strong>
              <span className="soft small">deleted {ago(node.deleteTime)}</span>
            </span>
            <Button
              disabled={restore.isPending}
              aria-label={`Restore ${nodeText(node)}`}
              onClick={() =>
                restore.mutate(
                  { name: node.name, key: newKey() },
                  { onSuccess: () => onSelect(node.name), onError: toastProblem },
                )
              }
            >
              <RotateCcw aria-hidden /> Restore
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
