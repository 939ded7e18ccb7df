// Stryker's runner asks for Mocha's inner files without their extension; since Mocha 12 they end in .cjs.
require.extensions[".cjs"] ??= require.extensions[".js"];
