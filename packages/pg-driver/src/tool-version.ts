/** This package's version, written into records; the build of a release keeps it equal to package.json. */
export const TOOL_VERSION = '0.0.0'
