// Which engine this is (S-26): written into every turn's entry.

/** The version of the engine, that of package.json; a test compares the two. */
export const ENGINE_VERSION = "0.1.0";
