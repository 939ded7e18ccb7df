// One place for how specs run: transpile-only, because `npm run typecheck` has already checked the types once.
module.exports = {
    require: ["ts-node/register/transpile-only"],
    timeout: 60_000,
    forbidOnly: Boolean(process.env.CI),
    reporter: "./.mocha-reporter.cjs",
};
