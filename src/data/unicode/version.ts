// The version of Unicode whose tables this engine has: part of what a program means, named in every turn's entry (S-26).

export const UNICODE_VERSION = "17.0";
