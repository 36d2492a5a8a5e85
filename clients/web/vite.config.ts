import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` talks to a gateway, or to the test server (`npm run server`).
const backend = process.env.LANGDESIGN_GATEWAY ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: { target: "es2022", sourcemap: false, chunkSizeWarningLimit: 600, manifest: true },
  server: {
    proxy: {
      "^/langdesign\\.": backend,
      "/config.json": backend,
      "/samples": backend,
    },
  },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx", "tests/**/*.test.ts"] },
});
