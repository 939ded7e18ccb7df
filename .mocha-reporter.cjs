// Mocha's dots, and at the end every skipped test by name (its title says why) and one line of counts.
const { reporters, Runner } = require("mocha");

module.exports = class extends reporters.Dot {
    constructor(runner, options) {
        super(runner, options);
        const skipped = [];
        runner.on(Runner.constants.EVENT_TEST_PENDING, (test) => skipped.push(test.fullTitle()));
        runner.once(Runner.constants.EVENT_RUN_END, () => {
            for (const title of skipped) {
                console.log(`  skipped: ${title}`);
            }
            const { passes = 0, failures = 0 } = this.stats;
            console.log(`${passes} passed, ${failures} failed, ${skipped.length} skipped`);
        });
    }
};
