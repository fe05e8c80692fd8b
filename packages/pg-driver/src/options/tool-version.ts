/** This package's version, written into records; `pnpm run version` keeps it equal to package.json. */
export const TOOL_VERSION = '0.1.0'
