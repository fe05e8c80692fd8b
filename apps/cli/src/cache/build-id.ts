declare const BUILD_ID: string | undefined

/** Differs between any two builds, put in by `scripts/build.js`; undefined in code that was not built. */
export const buildId: string | undefined = typeof BUILD_ID === 'string' ? BUILD_ID : undefined
