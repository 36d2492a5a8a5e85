import "./app.css";

import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";

import { Home } from "../home/Home";
import { Bin } from "../home/Bin";
import { Toasts } from "../ui";
import { loadDesignPage } from "./ahead";
import { Shell } from "./Shell";
import { TokenGate } from "./TokenGate";

const DesignPage = lazy(async () => ({ default: (await loadDesignPage()).DesignPage }));

function Opening() {
  return (
    <Shell title="Opening">
      <div className="page-wait">
        <span className="spinner" aria-hidden />
        <span className="visually-hidden">Opening</span>
      </div>
    </Shell>
  );
}

function NoSuchPage() {
  return (
    <Shell title="Not found">
      <div className="page-narrow">
        <h1>There is no such page</h1>
        <p className="soft">
          <a href="/">Go to your designs</a>
        </p>
      </div>
    </Shell>
  );
}

export function App() {
  return (
    <>
      <Suspense fallback={<Opening />}>
        <Switch>
          <Route path="/" component={Home} />
          <Route path="/bin" component={Bin} />
          <Route path="/designs/:design/nodes/:node">
            {({ design, node }) => (
              <DesignPage
                key={design}
                design={`designs/${design}`}
                node={`designs/${design}/nodes/${node}`}
              />
            )}
          </Route>
          <Route path="/designs/:design">
            {({ design }) => <DesignPage key={design} design={`designs/${design}`} />}
          </Route>
          <Route component={NoSuchPage} />
        </Switch>
      </Suspense>
      <TokenGate />
      <Toasts />
    </>
  );
}
