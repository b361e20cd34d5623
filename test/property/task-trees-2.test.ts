// Random trees of tasks keep what scopes promise, part 2 of two.
import { testTrees } from "./task-trees-suite.ts";

testTrees(2);
