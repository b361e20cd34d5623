// Random trees of tasks keep what scopes promise, part 1 of two.
import { testTrees } from "./task-trees-suite.ts";

testTrees(1);
