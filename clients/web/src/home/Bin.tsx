import "./home.css";

import { ArrowLeft, RotateCcw } from "lucide-react";
import { Link } from "wouter";

import { type Design, newKey, useDesigns, useRestoreDesign } from "../api";
import { Shell } from "../app/Shell";
import { Button, ProblemNotice, toast, toastProblem } from "../ui";
import { titleText } from "./titles";
import { Cover } from "./thumbnail";
import { ago } from "./time";

function BinCard({ design }: { design: Design }) {
  const restore = useRestoreDesign();
  const title = titleText(design);
  return (
    <li className="card">
      <span className="card-picture card-faded">
        <Cover node={design.cover || design.root} alt="" />
      </span>
      <span className="card-title">{title}</span>
      <span className="card-facts">
        deleted {ago(design.deleteTime)}, gone for good {ago(design.purgeTime)}
      </span>
      <Button
        className="card-action"
        disabled={restore.isPending}
        aria-label={`Restore ${title}`}
        onClick={() =>
          restore.mutate(
            { name: design.name, key: newKey() },
            { onSuccess: () => toast(`“${title}” is back`), onError: toastProblem },
          )
        }
      >
        <RotateCcw aria-hidden /> Restore
      </Button>
    </li>
  );
}

/** Designs that were deleted and can be taken back. */
export function Bin() {
  const { data, error, isPending, refetch } = useDesigns(true);
  return (
    <Shell
      title="Bin"
      bar={
        <Link href="/" className="button bar-link" data-kind="quiet">
          <ArrowLeft aria-hidden /> <span>Your designs</span>
        </Link>
      }
    >
      <div className="home">
        <h1>Bin</h1>
        {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
        {isPending && <p className="soft">Looking…</p>}
        {data?.length === 0 && <p className="soft">The bin is empty.</p>}
        <ul className="grid">
          {data?.map((design) => (
            <BinCard key={design.name} design={design} />
          ))}
        </ul>
      </div>
    </Shell>
  );
}
