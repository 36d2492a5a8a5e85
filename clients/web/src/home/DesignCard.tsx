import { MoreHorizontal, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";

import { type Design, newKey, pathOf, useDeleteDesign, useRestoreDesign } from "../api";
import { Button, Menu, toast, toastProblem } from "../ui";
import { RenameDialog } from "./RenameDialog";
import { titleText } from "./titles";
import { Cover } from "./thumbnail";
import { ago } from "./time";

function pictures(count: number): string {
  return count === 1 ? "1 picture" : `${count} pictures`;
}

export function DesignCard({ design }: { design: Design }) {
  const [renaming, setRenaming] = useState(false);
  const remove = useDeleteDesign();
  const restore = useRestoreDesign();
  const title = titleText(design);
  const toBin = () =>
    remove.mutate(
      { name: design.name, key: newKey() },
      {
        onError: toastProblem,
        onSuccess: () =>
          toast(`“${title}” is in the bin`, {
            label: "Undo",
            run: () => restore.mutate({ name: design.name, key: newKey() }, { onError: toastProblem }),
          }),
      },
    );
  return (
    <li className="card">
      <Link href={pathOf(design.name)} className="card-link">
        <span className="card-picture">
          <Cover node={design.cover || design.root} alt="" />
        </span>
        <span className="card-title">{title}</span>
        <span className="card-facts">
          {pictures(design.nodeCount)} · {ago(design.updateTime)}
        </span>
      </Link>
      <div className="card-menu">
        <Menu label={`More for ${title}`} icon={<MoreHorizontal />}>
          <Button onClick={() => setRenaming(true)}>
            <Pencil aria-hidden /> Rename
          </Button>
          <Button onClick={toBin}>
            <Trash2 aria-hidden /> Move to the bin
          </Button>
        </Menu>
      </div>
      {renaming && <RenameDialog design={design} onClose={() => setRenaming(false)} />}
    </li>
  );
}
