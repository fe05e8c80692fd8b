import { unwatchFile, watchFile } from 'node:fs'
import { watchFolder } from '../studio/watch-folder.ts'

/** Looks again after this time: some file systems say nothing of a change. */
const POLL_MS = 2000
const CONFIG_POLL_MS = 500

/** What {@link watchProject} watches. */
export interface WatchedProject {
  readonly folder: string
  readonly configPath: string | undefined
  readonly onFiles: () => void
  readonly onConfig: () => void
}

/** Calls when files of migrations may have changed, or the configuration has. */
export function watchProject({ folder, configPath, onFiles, onConfig }: WatchedProject): {
  readonly close: () => void
} {
  const watcher = watchFolder(folder, onFiles)
  const timer = setInterval(onFiles, POLL_MS)
  if (configPath !== undefined) watchFile(configPath, { interval: CONFIG_POLL_MS }, onConfig)
  return {
    close: () => {
      watcher.close()
      clearInterval(timer)
      if (configPath !== undefined) unwatchFile(configPath, onConfig)
    },
  }
}
