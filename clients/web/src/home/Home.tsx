import "./home.css";

import { Search, Trash2 } from "lucide-react";
import { useCallback, useDeferredValue, useState } from "react";
import { Link, useLocation } from "wouter";

import { type Design, pathOf, useDesigns } from "../api";
import { Shell } from "../app/Shell";
import { Button, ProblemNotice } from "../ui";
import { UploadDialog } from "../upload/UploadDialog";
import { useDropAndPaste } from "../upload/useDropAndPaste";
import { useUpload } from "../upload/useUpload";
import { DesignCard } from "./DesignCard";
import { NewDesign } from "./NewDesign";
import { SearchResults } from "./SearchResults";

function Waiting() {
  return (
    <ul className="grid" aria-hidden>
      {[0, 1, 2, 3].map((at) => (
        <li key={at} className="card">
          <span className="card-picture">
            <span className="cover cover-empty" data-waiting />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Designs() {
  const { data, error, refetch, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useDesigns();
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting />;
  if (data.length === 0)
    return (
      <p className="soft">
        Your designs will be here. Nothing is lost: what you delete goes to the bin first.
      </p>
    );
  return (
    <>
      <ul className="grid">
        {data.map((design) => (
          <DesignCard key={design.name} design={design} />
        ))}
      </ul>
      {hasNextPage && (
        <Button className="more" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}

export function Home() {
  const [, navigate] = useLocation();
  const [words, setWords] = useState("");
  const searched = useDeferredValue(words.trim());
  const open = useCallback((design: Design) => navigate(pathOf(design.name)), [navigate]);
  const uploading = useUpload(open);
  const { begin } = uploading;
  const take = useCallback((file: File, title?: string) => void begin(file, title), [begin]);
  const over = useDropAndPaste(take);
  return (
    <Shell
      title=""
      bar={
        <>
          <label className="search">
            <Search aria-hidden />
            <span className="visually-hidden">Search all designs</span>
            <input
              type="search"
              placeholder="Search all designs"
              value={words}
              maxLength={200}
              onChange={(event) => setWords(event.target.value)}
            />
          </label>
          <Link href="/bin" className="button bar-link" data-kind="quiet">
            <Trash2 aria-hidden /> <span>Bin</span>
          </Link>
        </>
      }
    >
      <div className="home">
        {searched ? (
          <SearchResults words={searched} />
        ) : (
          <>
            <NewDesign onFile={take} onDone={open} />
            <section aria-labelledby="designs-heading">
              <h2 id="designs-heading" className="list-title">
                Your designs
              </h2>
              <Designs />
            </section>
          </>
        )}
      </div>
      {over && (
        <div className="drop-veil" aria-hidden>
          <p>Let go to begin a design with it</p>
        </div>
      )}
      <UploadDialog uploading={uploading} />
    </Shell>
  );
}
