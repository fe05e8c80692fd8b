/**
 * The help for an error that says that this process, or the system, has too many files open (EMFILE, ENFILE);
 * undefined for all else. Some libraries name the code only in their message.
 *
 * @example tooManyFilesHelp(new Error('Worker initialization failure: EMFILE'))
 */
export function tooManyFilesHelp(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const isOutOfFiles = OUT_OF_FILES.test(code) || OUT_OF_FILES.test(error.message)
  return isOutOfFiles ? TOO_MANY_FILES_HELP : undefined
}

/** What to do about too many open files. */
export const TOO_MANY_FILES_HELP =
  'too many files are open: raise the limit of this process, such as with `ulimit -n 1024`'

const OUT_OF_FILES = /\bE[MN]FILE\b/
