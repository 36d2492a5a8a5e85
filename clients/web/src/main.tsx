import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/controls.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { cache } from "./api/cache";
import { readAhead } from "./app/ahead";
import { App } from "./app/App";

readAhead(window.location.pathname);
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={cache}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
