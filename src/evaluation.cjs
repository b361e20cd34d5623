// Starts an evaluation process: from the build it lies in, or from sources, where Node was given what reads them.
"use strict";
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const built = join(__dirname, "main.cjs");
if (existsSync(built)) require(built).evaluation();
else import("./client/evaluation-main.ts").then(({ runEvaluation }) => runEvaluation());
