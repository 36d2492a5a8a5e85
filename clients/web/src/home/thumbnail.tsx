import { ImageOff } from "lucide-react";

import { useThumbnail } from "../api";

interface CoverProps {
  node: string | undefined;
  /** What it shows; empty where the words beside it say so. */
  alt: string;
}

/** A node's thumbnail that fills its box, with its states. */
export function Cover({ node, alt }: CoverProps) {
  const { data, isError } = useThumbnail(node);
  if (data) return <img className="cover" src={data.url} alt={alt} draggable={false} />;
  return (
    <span className="cover cover-empty" data-waiting={!isError && data === undefined ? "" : undefined}>
      {(isError || data === null) && <ImageOff aria-label="No picture" />}
    </span>
  );
}
