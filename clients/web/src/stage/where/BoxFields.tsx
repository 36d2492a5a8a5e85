import { useState } from "react";

import { Button } from "../../ui";
import type { Step } from "../mask/history";
import type { Size } from "../view/transform";

const FIELDS = [
  ["x", "From the left"],
  ["y", "From the top"],
  ["width", "Width"],
  ["height", "Height"],
] as const;

type Box = Record<(typeof FIELDS)[number][0], number>;

/** A box by numbers: the brush of those who draw with the keyboard. */
export function BoxFields({ picture, onStep }: { picture: Size; onStep: (step: Step) => void }) {
  const [box, setBox] = useState<Box>(() => ({
    x: Math.round(picture.width / 4),
    y: Math.round(picture.height / 4),
    width: Math.round(picture.width / 2),
    height: Math.round(picture.height / 2),
  }));
  const apply = (inside: boolean) => onStep({ kind: "box", inside, box });
  const valid = box.width >= 1 && box.height >= 1 && box.x < picture.width && box.y < picture.height;
  return (
    <details className="box-fields">
      <summary className="small">A box by numbers</summary>
      <p className="small soft">
        In pixels; the picture has {picture.width} × {picture.height}.
      </p>
      <div className="box-grid">
        {FIELDS.map(([field, label]) => (
          <label key={field} className="small soft">
            {label}
            <input
              className="input"
              type="number"
              inputMode="numeric"
              min={field === "width" || field === "height" ? 1 : 0}
              max={field === "x" || field === "width" ? picture.width : picture.height}
              value={box[field]}
              onChange={(event) =>
                setBox({ ...box, [field]: Math.max(0, Math.round(Number(event.target.value))) })
              }
            />
          </label>
        ))}
      </div>
      <div className="find-actions">
        <Button disabled={!valid} onClick={() => apply(true)}>
          Mark the box
        </Button>
        <Button kind="quiet" disabled={!valid} onClick={() => apply(false)}>
          Leave it out
        </Button>
      </div>
    </details>
  );
}
