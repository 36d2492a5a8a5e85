import { useMemo } from "react";
import { Link } from "wouter";

import { designOf, idOf, pathOf, useDesigns, useSearch } from "../api";
import { ProblemNotice } from "../ui";
import { nodeText } from "../tree/words";
import { titleText } from "./titles";
import { Cover } from "./thumbnail";

/** Nodes of all designs that hold the words. */
export function SearchResults({ words }: { words: string }) {
  const { data, error, isFetching, refetch } = useSearch("designs/-", words);
  const designs = useDesigns().data;
  const titles = useMemo(() => new Map(designs?.map((one) => [one.name, titleText(one)])), [designs]);
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  return (
    <section aria-labelledby="found">
      <h2 id="found" className="list-title" aria-live="polite">
        {data
          ? `${data.length === 1 ? "1 picture" : `${data.length} pictures`} for “${words}”`
          : "Searching…"}
      </h2>
      {data?.length === 0 && !isFetching && (
        <p className="soft">
          Search looks at instructions, titles and notes. Try fewer words, or the beginning of one.
        </p>
      )}
      <ul className="grid">
        {data?.map((node) => (
          <li key={node.name} className="card">
            <Link href={pathOf(node.name)} className="card-link">
              <span className="card-picture">
                <Cover node={node.name} alt="" />
              </span>
              <span className="card-title">{nodeText(node)}</span>
              <span className="card-facts">
                in {titles.get(designOf(node.name)) ?? idOf(designOf(node.name))}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
