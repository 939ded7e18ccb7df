import eslint from "@eslint/js";
import tseslint from "typescript-eslint";
import pulumi from "@pulumi/eslint-plugin";

export default tseslint.config(
    { ignores: ["node_modules/", "**/.cache/", "portcullis-report/", "coverage/", "**/fixtures/**"] },
    eslint.configs.recommended,
    ...tseslint.configs.recommended,
    {
        rules: {
            "@typescript-eslint/no-unused-vars": [
                "error",
                { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
            ],
            "@typescript-eslint/no-explicit-any": "error",
            "@typescript-eslint/ban-ts-comment": "error",
            eqeqeq: ["error", "always"],
            "no-console": "off",
        },
    },
    {
        // An Output inside a template literal prints a warning text instead of the value: only types can tell.
        files: ["infra/**/*.ts"],
        plugins: { "@pulumi": pulumi },
        languageOptions: { parserOptions: { projectService: true } },
        rules: { "@pulumi/no-output-in-template-literal": "error" },
    },
    {
        files: ["**/*.js", "**/*.cjs", "**/*.mjs"],
        languageOptions: {
            globals: {
                process: "readonly",
                console: "readonly",
                module: "writable",
                require: "readonly",
                __dirname: "readonly",
                URL: "readonly",
                Buffer: "readonly",
            },
        },
        rules: { "@typescript-eslint/no-require-imports": "off" },
    },
    {
        // `export =` of an async program and JSON-like requires are what the Pulumi entry point asks for.
        files: ["**/*.spec.ts"],
        rules: { "@typescript-eslint/no-non-null-assertion": "off" },
    },
);
