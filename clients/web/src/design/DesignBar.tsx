import {
  Archive,
  Eye,
  EyeOff,
  FileArchive,
  ImageDown,
  MoreHorizontal,
  Pencil,
  Redo2,
  Search,
  Undo2,
} from "lucide-react";
import { useState } from "react";

import { type Design, type Node, NodeState } from "../api";
import { RenameDialog } from "../home/RenameDialog";
import { titleText } from "../home/titles";
import { Button, IconButton, Menu } from "../ui";
import { ExportDialog } from "./ExportDialog";
import { NodeBinDialog } from "./NodeBinDialog";
import { savePicture } from "./saving";
import type { Walk } from "./useWalk";

interface DesignBarProps {
  design: Design | undefined;
  /** The node that is shown. */
  node: Node | undefined;
  walk: Walk;
  view: string;
  words: string;
  found: number | undefined;
  showHidden: boolean;
  onWords: (words: string) => void;
  onShowHidden: (shown: boolean) => void;
}

type Open = "rename" | "export" | "bin";

export function DesignBar({
  design,
  node,
  walk,
  view,
  words,
  found,
  showHidden,
  onWords,
  onShowHidden,
}: DesignBarProps) {
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  return (
    <div className="design-bar" data-view={view}>
      <h1 className="design-title" title={titleText(design)}>
        {design ? titleText(design) : ""}
      </h1>
      <div className="bar-group" role="group" aria-label="Steps">
        <IconButton
          label="Back to the picture before (Ctrl+Z)"
          icon={<Undo2 />}
          disabled={!walk.undoTo}
          onClick={walk.undo}
        />
        <IconButton
          label="Forward again (Ctrl+Shift+Z)"
          icon={<Redo2 />}
          disabled={!walk.redoTo}
          onClick={walk.redo}
        />
      </div>
      <label className="search design-search">
        <Search aria-hidden />
        <span className="visually-hidden">Search this design</span>
        <input
          type="search"
          placeholder="Search this design"
          maxLength={200}
          value={words}
          onChange={(event) => onWords(event.target.value)}
        />
        {found !== undefined && (
          <span className="soft small" role="status">
            {found}
            <span className="visually-hidden"> found</span>
          </span>
        )}
      </label>
      <Menu label="More for this design" icon={<MoreHorizontal />}>
        {node?.state === NodeState.READY && (
          <Button onClick={() => void savePicture(node, titleText(design))}>
            <ImageDown aria-hidden /> Save this picture
          </Button>
        )}
        <Button onClick={() => setOpen("rename")}>
          <Pencil aria-hidden /> Rename
        </Button>
        <Button onClick={() => onShowHidden(!showHidden)}>
          {showHidden ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
          {showHidden ? "Fold hidden pictures" : "Show hidden pictures"}
        </Button>
        <Button onClick={() => setOpen("bin")}>
          <Archive aria-hidden /> Bin of this design
        </Button>
        <Button onClick={() => setOpen("export")}>
          <FileArchive aria-hidden /> Export the design
        </Button>
      </Menu>
      {design && open === "rename" && <RenameDialog design={design} onClose={close} />}
      {design && open === "export" && <ExportDialog design={design} onClose={close} />}
      {design && open === "bin" && (
        <NodeBinDialog
          design={design.name}
          onClose={close}
          onSelect={(node) => {
            close();
            walk.select(node);
          }}
        />
      )}
    </div>
  );
}
