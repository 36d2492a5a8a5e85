import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import ts from "typescript-eslint";

export default defineConfig(
  globalIgnores(["dist", "src/gen"]),
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [ts.configs.strictTypeChecked, a11y.flatConfigs.recommended, hooks.configs.flat.recommended],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": "off",
      "jsx-a11y/label-has-associated-control": ["error", { depth: 3 }],
    },
  },
  // The test server answers as the real one does, though its streams need not wait.
  { files: ["tests/**"], rules: { "@typescript-eslint/require-await": "off" } },
  {
    files: ["*.js", "tools/*.js"],
    languageOptions: { globals: { process: "readonly", console: "readonly" } },
  },
);
