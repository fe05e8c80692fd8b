/** What to do about too many open files. */
export const TOO_MANY_FILES_HELP =
  'too many files are open: raise the limit of this process, such as with `ulimit -n 1024`'

const HELPS: readonly (readonly [code: RegExp, help: string])[] = [
  [/\bE[MN]FILE\b/, TOO_MANY_FILES_HELP],
  [/\bENOSPC\b/, 'the disk is full: free some space'],
  [/\bEDQUOT\b/, 'the disk quota is exceeded: free some space'],
  [/\bEFBIG\b/, 'the file would be larger than the system allows: see `ulimit -f`'],
]

/**
 * The help for an error that says that files, space or a quota of this process or of the system are used up;
 * undefined for all else. Some libraries name the code only in their message.
 *
 * @example exhaustedHelp(new Error('Worker initialization failure: EMFILE'))
 */
export function exhaustedHelp(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return HELPS.find(([pattern]) => pattern.test(code) || pattern.test(error.message))?.[1]
}
